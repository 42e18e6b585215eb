//! Writing comments, and reading them as if they were written.
//!
//! [`options`] says what can be asked for; [`words`] writes word after word, [`search`] with a beam; [`rules`] says which words
//! may stand where; [`sampling`] draws; [`score`] goes the other way, from a comment to its probability. [`task`] keeps
//! what they share, [`writer`] feeds the rows of a store through them. How many comments a frame gets is [`rate`]'s and [`fitted_rate`]'s.

mod attention;
mod beam;
#[cfg(test)]
mod chain;
mod decoder;
mod exp;
mod fitted_rate;
mod options;
mod poisson;
mod rate;
mod rules;
mod sampling;
mod score;
mod search;
mod task;
mod words;
mod writer;

pub use attention::WordAttention;
pub use beam::{Beam, LengthPenalty};
pub use fitted_rate::{FittedRate, RateFit};
pub use options::{GenerateOptions, Search, Symbols};
pub use rate::CommentRate;
pub use sampling::Sampling;
pub(crate) use score::score;
pub use score::{ScoreOptions, Scored};
pub(crate) use writer::write_features;
pub use writer::{Generated, Generator};
