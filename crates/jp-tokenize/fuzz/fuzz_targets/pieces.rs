//! A file of pieces of any kind is an error or pieces that are written as they were read, and that
//! give any text back.

#![no_main]

use jp_tokenize::{Pieces, VocabularyBuilder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let list = serde_json::to_string(&text.lines().collect::<Vec<_>>()).expect("texts are JSON");
    let whole = format!(r#"{{"format":"jp-tokenize pieces","version":1,"normalizer":{{}},"pieces":{list}}}"#);
    for file in [bytes, whole.as_bytes()] {
        let Ok(pieces) = Pieces::read(file) else {
            continue;
        };
        let mut written = Vec::new();
        pieces.write(&mut written).expect("a Vec takes all");
        assert_eq!(Pieces::read(written.as_slice()).expect("it was written"), pieces);
        let normalized = pieces.normalizer().normalize(&text);
        let ids = pieces.encode(&text);
        assert_eq!(pieces.decode(&ids), *normalized);
        let vocabulary = pieces.to_vocabulary(&VocabularyBuilder::new());
        assert_eq!(vocabulary.decode(&ids), *normalized);
        let any: Vec<u32> = bytes.iter().map(|&byte| u32::from(byte) * 3).collect();
        assert_eq!(pieces.decode(&any), vocabulary.decode(&any));
    }
});
