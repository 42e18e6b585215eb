//! MeCab dictionaries: found, compiled, kept in a cache, read as compiled, with words added.

mod cache;
mod compiled;
mod encoding;
mod known_words;
mod layout;
mod options;
mod prebuilt;
mod sources;
mod user_lexicon;
mod verified;

pub use self::cache::Cache;
pub use self::compiled::{Dictionary, Origin};
pub use self::options::DictionaryOptions;
