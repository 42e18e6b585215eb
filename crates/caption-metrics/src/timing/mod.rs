//! Whether the right things are written at the right times.

mod bursts;
mod correlation;
mod deviance;
mod divergence;
mod seconds;

pub use bursts::BurstHits;
pub use correlation::{Correlation, pearson, spearman};
pub use deviance::{RateFit, poisson_deviance};
pub use divergence::{SaidWords, WordDivergence, js_divergence};
pub use seconds::HeldOutSeconds;
