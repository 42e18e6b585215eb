//! Which comment was written at a moment of an episode: the texts as they are compared, and what
//! finds and foretells them without a network.

mod character_ngram;
mod folded_text;
mod text_similarity;
mod unit_ngram;

pub use character_ngram::{CharacterNgram, NgramCache};
pub use folded_text::folded_text;
pub use text_similarity::{TextSimilarity, TextVector};
pub use unit_ngram::UnitNgram;
