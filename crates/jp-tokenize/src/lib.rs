//! Japanese words with vibrato: dictionaries, tokenizer, vocabulary; and pieces of text.
//!
//! A [`Tokenizer`] splits text into words with a [`Dictionary`], the same words as MeCab. It is
//! shared between threads, each of which takes a [`Worker`]. A [`VocabularyBuilder`] counts words
//! and makes a [`Vocabulary`], which turns words into the ids that a model works with, and back.
//! Before that a [`Normalizer`] makes spellings alike, and a [`SlangLearner`] learns words that the
//! dictionary lacks. [`Pieces`] need no dictionary: they are learnt from texts, and there is no
//! unknown word.
//!
//! # Example
//!
//! ```
//! use jp_tokenize::{Dictionary, Tokenizer, UNK};
//!
//! # let dictionary = Dictionary::from_sources(
//! #     "ココア,0,0,10,名詞,固有名詞\nかわいい,0,0,10,形容詞,自立\n草,0,0,10,名詞,一般\n",
//! #     "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
//! #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
//! # )?;
//! // let dictionary = Dictionary::system()?; // an installed IPADIC
//! let tokenizer = Tokenizer::new(dictionary)?;
//! let mut counter = tokenizer.counter();
//! for comment in ["ココアかわいい", "草草", "ココア♪"] {
//!     counter.add(comment);
//! }
//! let vocabulary = counter.into_builder().build(Some(30_000), 2); // said at least twice
//!
//! let mut worker = tokenizer.worker();
//! let words = worker.tokenize("ココア草！").map(|token| token.surface);
//! let ids = vocabulary.encode(words);
//! assert_eq!(ids, [4, 5, UNK]);
//! assert_eq!(vocabulary.decode(&ids), "ココア草<unk>");
//! # Ok::<(), jp_tokenize::Error>(())
//! ```
//!
//! # Dictionaries
//!
//! There are three ways to one:
//!
//! - [`Dictionary::system`] finds an installed IPADIC (the package `mecab-ipadic` of Debian and
//!   Ubuntu); [`DictionaryOptions`] takes any other folder with a MeCab dictionary's sources, such
//!   as UniDic's. They are compiled once and then read from a cache.
//! - [`Dictionary::prebuilt`] reads a file that vibrato compiled, compressed or not, and
//!   [`Dictionary::read_prebuilt`] the same from memory.
//! - [`Dictionary::from_sources`] compiles texts in memory: for tests, and for programs that carry
//!   their own few words.
//!
//! To each of them [`Dictionary::with_user_lexicon`] adds words. The [`PartOfSpeech`] of a word is
//! read alike for IPADIC and UniDic, and so are [`Token::base_form`] and [`Token::reading`], which
//! stand in different columns.
//!
//! # Pieces
//!
//! Words of a dictionary leave unknown ones, and a tokenizer drops blanks. [`Pieces`] are learnt
//! from the texts by merging frequent neighbours (byte-pair encoding), with the 256 bytes for what
//! was not learnt: any text is a sequence of them, and comes back exactly. Their ids agree with
//! those of a [`Vocabulary`] in the special words, and [`Pieces::to_vocabulary`] makes one of them
//! for models of words.
//!
//! ```
//! use jp_tokenize::{Normalizer, PieceOptions, Pieces};
//!
//! let comments = ["ここすき", "ここすき", "ここ好き", "草"];
//! let options = PieceOptions::default().size(8_000).normalizer(Normalizer::default().nfkc(true));
//! let pieces = Pieces::learn(comments, &options)?; // pieces.save("pieces.json")? keeps them
//! let ids = pieces.encode("ここすき👏");
//! assert_eq!(ids.len(), 1 + 4); // ここすき, and the four bytes of U+1F44F
//! assert_eq!(pieces.decode(&ids), "ここすき👏");
//! # Ok::<(), jp_tokenize::Error>(())
//! ```
//!
//! # What words depend on
//!
//! [`Tokenizer::identity`] is a record of dictionary and user lexicon by their contents. Who keeps
//! what was made of words, such as a trained model, keeps it beside that and compares: the
//! [`difference`](TokenizerIdentity::difference) of two names both.
//!
//! # As MeCab does
//!
//! With the same dictionary, words and features are those that MeCab 0.996 gives, ties between
//! paths of equal cost included; the tests compare them with what MeCab gave when it was recorded,
//! and with what it gives where it is installed. What differs:
//!
//! - MeCab takes the file's lines one by one and ends a line at a NUL; here a text may hold both: a
//!   line break is a space, a NUL a character.
//! - MeCab reads past its table of characters at U+FFFF, which no text should hold; here it is of
//!   the category `DEFAULT`.
//! - Texts of more than 8,192 characters are split part by part.
//! - Where two words cost the same, MeCab takes the one whose file its compiler read first, in the
//!   order of the file system; here files are read by name.
//!
//! # Units
//!
//! Ranges are in bytes of UTF-8. Costs are the dictionary's, without unit; what slang is worth is
//! in bits.
//!
//! # Threads
//!
//! [`Tokenizer::map_texts`], [`Tokenizer::map_and_count`] and [`Tokenizer::count_words`] use all
//! cores. Programs with threads of their own take a worker or a counter in each:
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
//!
//! With rayon a counter is what `fold` begins with, once for each part of the work:
//!
//! ```text
//! let builder = comments
//!     .par_iter()
//!     .fold(|| tokenizer.counter(), |mut counter, comment| { counter.add(comment); counter })
//!     .map(WordCounter::into_builder)
//!     .reduce(VocabularyBuilder::new, |mut all, one| { all.merge(one); all });
//! ```
//!
//! # Memory
//!
//! IPADIC takes tens of megabytes and is shared by the clones of a [`Tokenizer`]: a service keeps
//! one, and each request takes a worker of it. Tokenizers with different user lexicons hold a
//! dictionary each.
//!
//! # Features
//!
//! - `zstd`: reads dictionaries that are compressed with zstd, as vibrato's published ones are,
//!   with a decoder in Rust. Off by default.

mod atomic_file;
mod chunks;
mod dictionary;
mod error;
mod identity;
mod normalized_tokens;
mod normalizer;
mod parallel;
mod part_of_speech;
mod pieces;
mod schema;
mod slang;
mod token;
mod tokenizer;
mod vocabulary;
mod word_counter;

pub use self::dictionary::{Cache, Dictionary, DictionaryOptions, Origin};
pub use self::error::{
    DictionaryErrorKind, Error, NoChecksum, PiecesErrorKind, VocabularyErrorKind, WrongUserLexicon,
};
pub use self::identity::{
    Checksum, DictionaryIdentity, TokenizerDifference, TokenizerIdentity, UserLexicon,
};
pub use self::normalizer::{Normalized, Normalizer};
pub use self::part_of_speech::PartOfSpeech;
pub use self::pieces::{PieceLearner, PieceOptions, PieceToken, Pieces};
pub use self::slang::{Lexicon, LexiconEntry, NgramModel, SlangLearner, SlangOptions};
pub use self::token::Token;
pub use self::tokenizer::{Tokenizer, Tokens, Worker};
pub use self::vocabulary::{
    BOS, Coverage, EOS, PAD, SPECIAL_WORDS, UNK, Vocabulary, VocabularyBuilder, VocabularyWord,
};
pub use self::word_counter::WordCounter;

/// The programs of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
