//! Retrieval: finding a moment's own comments among others.

mod candidates;
mod chance;
mod ranking;
mod tf_idf;

pub use candidates::{
    Candidate, CandidateKind, CandidateOptions, CandidatePool, CandidateSet, PoolComment,
    PoolSubset,
};
pub use chance::{Chance, chance};
pub use ranking::{Ranking, first_true_rank};

#[cfg(test)]
mod tests;
