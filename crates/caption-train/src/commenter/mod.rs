//! Training of commenters: a matcher and a transformer over the stream of a video.

mod config;
mod fit;
mod language;
mod matching;
mod record;
mod trainer;

pub use config::{FalseCandidates, FitConfig, FitOptimizer, TrainingLength};
pub use record::{CommenterEvent, RoundRecord};
pub use trainer::{CommenterData, CommenterTrainer};
