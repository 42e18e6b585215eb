//! A file in place of vibrato's is an error or a dictionary that splits texts.

#![no_main]

use std::io::Write as _;

use jp_tokenize::{Dictionary, Tokenizer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("there is room for a small file");
    file.write_all(bytes).expect("there is room for a small file");
    if let Ok(tokenizer) = Dictionary::prebuilt(file.path(), None).and_then(Tokenizer::new) {
        for text in ["ここすき 草♪ww", "すここ\u{20BB7}\0", "草草 草"] {
            assert!(tokenizer.words(text).len() <= text.len());
        }
    }
});
