//! Training: the loop, what it is told and what it leaves behind.

mod adam;
mod checkpoint;
mod clip;
mod config;
mod history;
mod objective;
mod trainer;

pub use adam::FusedAdam;
pub use config::TrainConfig;
pub use history::{EpochRecord, TrainReport};
pub use trainer::{Event, Trainer, TrainingData};
