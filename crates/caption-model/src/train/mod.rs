//! Training: the loop, what it is told and what it leaves behind.

mod checkpoint;
mod clip;
mod config;
mod history;
mod objective;
mod reinforce;
mod trainer;

pub use config::TrainConfig;
pub use history::{EpochRecord, TrainReport};
pub use reinforce::HardAttention;
pub use trainer::{Event, Trainer, TrainingData};
