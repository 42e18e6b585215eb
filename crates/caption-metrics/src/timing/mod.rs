//! Scores of when comments are written: rates, bursts and words over time.

mod bursts;
mod correlation;
mod deviance;
mod divergence;
mod seconds;

pub use bursts::BurstHits;
pub use correlation::{Correlation, pearson, spearman};
pub use deviance::{RateFit, negative_binomial_deviance, poisson_deviance};
pub use divergence::{DivergenceComments, TimedWords, WordDivergence, js_divergence};
pub use seconds::HeldOutSeconds;
