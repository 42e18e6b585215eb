//! Pieces of text: learning them, splitting into them, putting them together again.
//!
//! Ours, because the crate `tokenizers` brings 67 others for these few hundred lines, and no
//! alignment to a text before our [`Normalizer`](crate::Normalizer).

mod bytes;
mod file;
mod learner;
mod merging;
mod options;
mod split;
mod vocabulary;

pub use self::learner::PieceLearner;
pub use self::options::PieceOptions;
pub use self::vocabulary::{PieceToken, Pieces};
