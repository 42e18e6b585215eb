//! Writing comments, and reading them as if they were written.
//!
//! [`options`] says what can be asked for; [`stepwise`] writes word after word, [`beam_search`]
//! with a beam, [`n_best`] the best ones with their probabilities; [`constraints`] says which words may stand where; [`sampling`] draws; [`score`]
//! goes the other way, from a comment to its probability. [`decode_batch`] keeps what they share,
//! [`write`] decides between the two ways and [`generator`] feeds the rows of a store through them.

mod attention;
mod beam;
mod beam_search;
mod constraints;
mod decode_batch;
mod decoder;
mod generator;
#[cfg(test)]
mod markov_chain;
mod n_best;
mod options;
mod sampling;
mod score;
mod stepwise;
mod write;

pub use attention::WordAttention;
pub use beam::{Beam, LengthPenalty};
pub use generator::{Caption, Generator, write_features};
pub use n_best::ScoredCaption;
pub(crate) use n_best::write_n_best;
pub use options::{Decoding, GenerateOptions, SymbolRule};
pub use sampling::Sampling;
pub(crate) use score::score;
pub use score::{ScoreOptions, ScoredComment};
