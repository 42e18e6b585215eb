//! What several of the tests need.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use jp_tokenize::{Dictionary, DictionaryOptions, Error, Tokenizer};

/// Says that a test is skipped for want of something; fails instead where `REQUIRE_ALL` is 1.
pub(crate) fn skip(reason: impl Display) {
    let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!all_required, "REQUIRE_ALL=1 forbids to skip: {reason}");
    eprintln!("skipped: {reason}");
}

/// A tokenizer with the installed IPADIC, which is compiled once for all runs of the tests and read
/// once for all tests of a run; skips without.
pub(crate) fn ipadic() -> Option<Tokenizer> {
    static IPADIC: OnceLock<Result<Tokenizer, String>> = OnceLock::new();
    let read = || match open_ipadic() {
        Ok(dictionary) => Ok(Tokenizer::new(dictionary).unwrap()),
        Err(error @ Error::NoDictionary { .. }) => {
            Err(format!("{error}; `apt install mecab-ipadic` has them"))
        }
        Err(error) => panic!("{error}"),
    };
    match IPADIC.get_or_init(read) {
        Ok(tokenizer) => Some(tokenizer.clone()),
        Err(reason) => {
            skip(reason);
            None
        }
    }
}

/// The installed IPADIC for a test that adds to it; skips without.
pub(crate) fn ipadic_dictionary() -> Option<Dictionary> {
    ipadic()?; // compiles it once, or skips
    Some(open_ipadic().unwrap())
}

fn open_ipadic() -> Result<Dictionary, Error> {
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dictionaries");
    DictionaryOptions::default().cache(cache).open()
}

/// A folder of its own; in memory where the system offers that, because every file waits for the
/// disk.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A dictionary of a few words.
pub(crate) fn small() -> Dictionary {
    Dictionary::from_sources(WORDS, MATRIX, CHAR, UNK).unwrap()
}

/// A tokenizer with it, made once.
pub(crate) fn small_tokenizer() -> &'static Tokenizer {
    static SMALL: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::new(small()).unwrap());
    &SMALL
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
