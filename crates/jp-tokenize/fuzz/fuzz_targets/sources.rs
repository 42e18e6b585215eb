//! Dictionary sources and user lexicons of any kind are an error or a dictionary that splits texts.
//!
//! The first byte says which source the text stands for.

#![no_main]

#[path = "common/small.rs"]
mod small;

use jp_tokenize::{Dictionary, Tokenizer};
use libfuzzer_sys::fuzz_target;
use small::{CHAR, MATRIX, UNK, WORDS};

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let dictionary = match which % 5 {
        0 => Dictionary::from_sources(text, MATRIX, CHAR, UNK),
        1 => Dictionary::from_sources(WORDS, text, CHAR, UNK),
        2 => Dictionary::from_sources(WORDS, MATRIX, text, UNK),
        3 => Dictionary::from_sources(WORDS, MATRIX, CHAR, text),
        _ => small::dictionary().with_user_lexicon(text),
    };
    if let Ok(tokenizer) = dictionary.and_then(Tokenizer::new) {
        for text in ["ここすき 草♪ww", text] {
            assert!(tokenizer.words(text).iter().all(|word| !word.is_empty()));
        }
    }
});
