//! Finding a moment's own comments among others.

mod candidates;
mod chance;
mod ranking;
mod similar;

pub use candidates::{
    Candidate, CandidateKind, CandidateOptions, CandidatePool, CandidateSet, PoolComment, PoolPart,
};
pub use chance::{Chance, chance};
pub use ranking::{Ranking, first_true_rank};

#[cfg(test)]
mod tests;
