//! Japanese words with vibrato: dictionaries, tokenizer, vocabulary.
//!
//! A [`Tokenizer`] splits text into words with a [`Dictionary`], the same words as MeCab; it is shared between threads, each of which takes a [`Worker`]. A
//! [`VocabularyBuilder`] counts words and makes a [`Vocabulary`], which turns words into the ids that a model works with and back.
//!
//! # Example
//!
//! ```no_run
//! use jp_tokenize::{Dictionary, Tokenizer, VocabularyBuilder};
//!
//! let tokenizer = Tokenizer::new(Dictionary::system()?)?; // `apt install mecab-ipadic`
//! let mut worker = tokenizer.worker();
//! let mut builder = VocabularyBuilder::new();
//! for comment in ["ココアかわいい", "草生えるｗｗｗ", "ココア！"] {
//!     for token in worker.tokenize(comment) {
//!         builder.add(token.surface, token.part_of_speech());
//!     }
//! }
//! let vocabulary = builder.build(Some(30_000), 1);
//! vocabulary.save("vocabulary.tsv")?;
//!
//! let words = worker.tokenize("ココアかわいい").map(|token| token.surface);
//! let ids = vocabulary.encode(words);
//! assert_eq!(vocabulary.decode(&ids), "ココアかわいい");
//! # Ok::<(), jp_tokenize::Error>(())
//! ```
//!
//! # Dictionaries
//!
//! There are three ways to one:
//!
//! - [`Dictionary::system`] finds an installed IPADIC (`apt install mecab-ipadic`); [`Tokenizer::builder`] takes any other folder
//!   with a MeCab dictionary's sources, such as UniDic's. They are compiled once and then read from a cache.
//! - [`Dictionary::prebuilt`] reads a file that vibrato compiled, compressed or not.
//! - [`Dictionary::from_sources`] compiles texts in memory: for tests, and for programs that carry their own few words.
//!
//! To each of them [`Dictionary::with_user_lexicon`] adds words. What kind of word a word is, [`PartOfSpeech`] tells for IPADIC and
//! UniDic alike; base form and reading stand in different columns, which [`Schema`] knows.
//!
//! # As MeCab does
//!
//! With the same dictionary, words and features are those that MeCab 0.996 gives, ties between paths of equal cost
//! included; `tests/mecab.rs` compares them where MeCab is installed. What differs:
//!
//! - MeCab takes the file's lines one by one and ends a line at a NUL; here a text may hold both: a line break is a space,
//!   a NUL a character.
//! - MeCab reads past its table of characters at U+FFFF, which no text should hold; here it is of the category `DEFAULT`.
//! - Texts of more than 8,192 characters are split part by part.
//!
//! # Threads
//!
//! [`Tokenizer::map_texts`] and [`Tokenizer::count_words`] use all cores. Programs with threads of their own take a
//! worker or a counter in each:
//!
//! ```
//! # use jp_tokenize::{Dictionary, Tokenizer};
//! # let dictionary = Dictionary::from_sources(
//! #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
//! #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
//! # )?;
//! # let tokenizer = Tokenizer::new(dictionary)?;
//! let count = |comments: &[&str]| {
//!     let mut counter = tokenizer.counter();
//!     comments.iter().for_each(|comment| counter.add(comment));
//!     counter.into_builder()
//! };
//! let comments = ["草", "草草", "草 草", "♪"];
//! let (left, right) = comments.split_at(2);
//! let builder = std::thread::scope(|scope| {
//!     let left = scope.spawn(|| count(left));
//!     let right = count(right);
//!     let mut all = left.join().expect("counting does not panic");
//!     all.merge(right);
//!     all
//! });
//! assert_eq!(builder.build(None, 1).count(4), 5);
//! # Ok::<(), jp_tokenize::Error>(())
//! ```

mod counter;
mod dictionary;
mod error;
mod features;
mod normalizer;
mod parallel;
mod part_of_speech;
mod slang;
mod tokenizer;
mod vocabulary;
mod whole_file;

pub use self::counter::WordCounter;
pub use self::dictionary::{Cache, Dictionary, DictionaryOptions, Origin};
pub use self::error::{Error, VocabularyErrorKind};
pub use self::features::Schema;
pub use self::normalizer::{Normalized, Normalizer};
pub use self::part_of_speech::PartOfSpeech;
pub use self::slang::{Lexicon, LexiconEntry, NgramModel, SlangLearner, SlangOptions};
pub use self::tokenizer::{Token, Tokenizer, Tokens, Worker};
pub use self::vocabulary::{
    BOS, Coverage, EOS, PAD, SPECIAL_WORDS, UNK, Vocabulary, VocabularyBuilder, VocabularyWord,
};
