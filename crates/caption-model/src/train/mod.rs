//! Training: the loop, what it is told and what it leaves behind.

mod adam;
mod checkpoint;
mod clip;
mod config;
mod curve;
mod decay;
mod epoch;
mod event;
mod history;
mod objective;
mod precision;
mod random;
mod reinforce;
mod sampling;
mod schedule;
mod selection;
mod setting;
mod step;
mod trainer;

pub use adam::FusedAdam;
pub use config::{CheckpointEvery, TrainConfig};
pub use curve::StepRecord;
pub use event::{Event, StepEvent};
pub use history::{EpochRecord, TrainReport};
pub use precision::Precision;
pub use reinforce::HardAttention;
pub use schedule::Schedule;
pub use selection::{CommentMetric, FrameF1, SelectBy, WordF1, Written};
pub use trainer::{Trainer, TrainingData};
