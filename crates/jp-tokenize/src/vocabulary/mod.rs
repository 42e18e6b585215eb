//! Words with ids: counting, cutting, looking up, reading and writing.

mod builder;
mod coverage;
mod file;
mod special;
mod words;

pub use self::builder::VocabularyBuilder;
pub use self::coverage::Coverage;
pub use self::special::{BOS, EOS, PAD, SPECIAL_WORDS, UNK};
pub(crate) use self::words::Entry;
pub use self::words::{Vocabulary, VocabularyWord};
