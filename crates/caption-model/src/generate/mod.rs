//! Writing comments, and reading them as if they were written.
//!
//! [`options`] says what can be asked for; [`words`] writes word after word, [`search`] with a beam; [`rules`] says which words
//! may stand where; [`sampling`] draws; [`score`] goes the other way, from a comment to its probability. [`task`] keeps
//! what they share, [`write`] decides between the two ways and [`writer`] feeds the rows of a store through them.

mod attention;
mod beam;
#[cfg(test)]
mod chain;
mod decoder;
mod options;
mod rules;
mod sampling;
mod score;
mod search;
mod task;
mod words;
mod write;
mod writer;

pub use attention::WordAttention;
pub use beam::{Beam, LengthPenalty};
pub use options::{GenerateOptions, Search, Symbols};
pub use sampling::Sampling;
pub(crate) use score::score;
pub use score::{ScoreOptions, Scored};
pub use writer::{Caption, Generator, write_features};
