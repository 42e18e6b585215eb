//! Training of the captioners of `caption-model`, in Burn.
//!
//! A [`Trainer`] learns from [`Pairs`](caption_metrics::Pairs) of feature rows and word ids into a
//! model folder; a [`FineTuner`] trains the encoder's last blocks along. After every epoch, and
//! within it as often as [`RunOptions`] say, the folder holds a checkpoint from which a killed
//! training goes on to the same weights, bit by bit. [`TrainConfig`] holds all that changes the
//! result, [`RunOptions`] what does not.
//!
//! # Example
//!
//! See [`Trainer`], and `examples/train.rs`, which trains from memory.
//!
//! # Units
//!
//! Losses are nats a word, `<eos>` counted and padding not.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend.
//! - `cuda`: NVIDIA GPUs. Building it downloads LLVM; `cuda-nvrtc` builds without.
//! - `wgpu`: Vulkan and other graphics APIs.

mod check;
mod checkpoint;
mod clip;
mod commenter;
mod compare;
mod config;
mod context;
mod data;
mod difference;
mod epoch;
mod epoch_log;
mod error;
mod event;
mod exact;
mod files;
mod finetune;
mod fingerprint;
mod metric;
mod objective;
mod precision;
mod reinforce;
mod resume;
mod run_options;
mod sample;
mod schedule;
mod scheduled_sampling;
mod seeds;
mod select_by;
mod selection;
mod start;
mod step;
mod step_log;
mod trainer;
mod training_data;
mod warning;
mod weight_decay;

pub use commenter::{
    CommenterData, CommenterEvent, CommenterTrainer, FalseCandidates, FitConfig, FitOptimizer,
    RoundRecord, TrainingLength,
};
pub use config::TrainConfig;
pub use data::{FeaturesOnDevice, Shuffle, plan_batches, plan_in_windows};
pub use difference::Difference;
pub use epoch_log::{EpochRecord, TrainReport};
pub use error::Error;
pub use event::{StepEvent, TrainEvent};
pub use finetune::{FineTuner, TunedBlocks};
pub use metric::{CommentMetric, FrameF1, Hypothesis, WordF1};
pub use precision::Precision;
pub use reinforce::HardAttention;
pub use run_options::{CheckpointEvery, RunOptions};
pub use schedule::Schedule;
pub use select_by::SelectBy;
pub use step_log::StepRecord;
pub use trainer::Trainer;
pub use training_data::TrainingData;
pub use warning::TrainWarning;

/// The programs of the README are compiled.
#[cfg(all(doctest, feature = "flex"))]
#[doc = include_str!("../README.md")]
struct Readme;
