//! What several of the tests need.

use std::fmt::Display;
use std::path::PathBuf;

use jp_tokenize::{Dictionary, DictionaryOptions, Error, Tokenizer};

/// Says that a test is skipped for want of something; fails instead where `REQUIRE_ALL` is 1.
pub(crate) fn skip(reason: impl Display) {
    let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!all_required, "REQUIRE_ALL=1 forbids to skip: {reason}");
    eprintln!("skipped: {reason}");
}

/// A tokenizer with the installed IPADIC, compiled once for all runs of the tests; skips without.
pub(crate) fn ipadic() -> Option<Tokenizer> {
    match DictionaryOptions::default().cache(cache()).open() {
        Ok(dictionary) => Some(Tokenizer::new(dictionary).unwrap()),
        Err(error @ Error::NoDictionary { .. }) => {
            skip(format!("{error}; `apt install mecab-ipadic` has them"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The cache of the tests' dictionaries.
pub(crate) fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dictionaries")
}

/// A dictionary of a few words.
pub(crate) fn small() -> Dictionary {
    Dictionary::from_sources(WORDS, MATRIX, CHAR, UNK).unwrap()
}

pub(crate) const WORDS: &str = "ここ,0,0,100,名詞,代名詞,一般,*,*,*,ここ,ココ,ココ
すき,0,0,100,名詞,形容動詞語幹,*,*,*,*,すき,スキ,スキ
草,0,0,100,名詞,一般,*,*,*,*,草,クサ,クサ
\u{3000},0,0,100,記号,空白,*,*,*,*,\u{3000},\u{3000},\u{3000}
";
pub(crate) const MATRIX: &str = "1 1\n0 0 0\n";
pub(crate) const CHAR: &str = "DEFAULT 0 1 0
SPACE 0 1 0
ALPHA 1 1 0
HIRAGANA 0 1 2
0x0020 SPACE
0x0009 SPACE
0x000A SPACE
0x0041..0x005A ALPHA
0x0061..0x007A ALPHA
0x3041..0x309F HIRAGANA
";
pub(crate) const UNK: &str = "DEFAULT,0,0,500,記号,一般,*,*,*,*,*
SPACE,0,0,500,記号,空白,*,*,*,*,*
ALPHA,0,0,500,名詞,一般,*,*,*,*,*
HIRAGANA,0,0,500,名詞,一般,*,*,*,*,*
";
