//! A vocabulary file of any kind is an error or a vocabulary that is written as it was read.

#![no_main]

use jp_tokenize::Vocabulary;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let special = b"<pad>\t0\t*\n<bos>\t0\t*\n<eos>\t0\t*\n<unk>\t7\t*\n";
    for file in [bytes, &[special, bytes].concat()] {
        let Ok(vocabulary) = Vocabulary::read(file) else {
            continue;
        };
        let mut written = Vec::new();
        vocabulary.write(&mut written).expect("a Vec takes all");
        assert_eq!(Vocabulary::read(written.as_slice()).expect("it was written"), vocabulary);
        let ids: Vec<u32> = (0..8).collect();
        assert!(vocabulary.decode(&ids).len() <= 8 * (file.len() + 6));
        for word in vocabulary.words() {
            assert_eq!(vocabulary.encode([word.word]), [word.id]);
        }
        assert!((0.0..=1.0).contains(&vocabulary.known_share()));
    }
});
