//! Pieces of text: learning them, splitting into them, putting them together again.
//!
//! Ours, because the crate `tokenizers` brings 67 others for these few hundred lines, and no
//! alignment to a text before our [`Normalizer`](crate::Normalizer).

mod as_words;
mod bytes;
mod file;
mod learner;
mod merging;
mod options;
mod split;
mod vocabulary;

pub(crate) use self::as_words::are_pieces;
pub use self::learner::PieceLearner;
pub use self::options::PieceOptions;
pub(crate) use self::vocabulary::decode;
pub use self::vocabulary::{PieceToken, Pieces};
