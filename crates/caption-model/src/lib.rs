//! Image captioners that comment on videos: Show and Tell, and Show, Attend and Tell, in Burn.
//!
//! A [`Trainer`] learns from [`Pairs`] of feature rows and word ids into a model folder; a [`Captioner`] loads the folder
//! and writes comments for the frames of any [`FeatureStore`](frame_features::FeatureStore) of the same encoder. Below
//! them lie the networks themselves ([`GlobalCaptioner`], [`AttentionCaptioner`]), which work on plain tensors.
//!
//! # Example
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use caption_model::GlobalCaptionerConfig;
//!
//! let device = Device::flex();
//! let model = GlobalCaptionerConfig::new(1_000, 512).init(&device);
//! let mut state = model.start(Tensor::zeros([1, 512], &device)); // a frame's relu7
//! let mut word = Tensor::from_ints([i64::from(caption_model::BOS)], &device);
//! for _ in 0..5 {
//!     let (deep, next) = model.step(word, state);
//!     (word, state) = (model.logits(deep).argmax(1).squeeze_dim(1), next);
//! }
//! ```
//!
//! # Units and limits
//!
//! Losses are nats a word, `<eos>` counted and padding not. Word ids are `jp-tokenize`'s: 0 `<pad>`, 1 `<bos>`, 2 `<eos>`,
//! 3 `<unk>`. Weight files are safetensors: loading one never runs code.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend.
//! - `slim` (default): the small encoder of `frame-features` is built in, so that [`Captioner::caption`] needs no other file.
//! - `cuda`: NVIDIA GPUs. Building it downloads LLVM.
//! - `wgpu`: Vulkan and other graphics APIs; for checking without an NVIDIA GPU what runs on one.

mod captioner;
mod data;
mod error;
pub mod evaluate;
mod files;
mod finetune;
mod folder;
mod generate;
mod model;
mod ops;
mod pictures;
mod train;

pub use captioner::{Caption, Captioner};
pub use data::{
    Batch, FeaturesOnDevice, Pair, Pairs, Shuffle, plan_batches, plan_in_order, plan_in_windows,
};
pub use error::Error;
#[doc(no_inline)]
pub use evaluate::{Likelihood, Unigram, shuffled_pictures};
pub use finetune::{CaptionerConfig, FineTuned, FineTunedConfig, FineTuner, TunedBlocks};
pub use folder::ModelConfig;
pub use generate::{
    Beam, CommentRate, FittedRate, GenerateOptions, Generated, Generator, LengthPenalty, RateFit,
    Sampling, ScoreOptions, Scored, Search, Symbols, WordAttention,
};
pub use jp_tokenize::{BOS, EOS, PAD, UNK};
pub use model::{
    Attention, AttentionCaptioner, AttentionCaptionerConfig, AttentionState, AttentionStep,
    AttentionTarget, FirstInput, GlobalCaptioner, GlobalCaptionerConfig, InitialState, Look, Lstm,
    LstmConfig, LstmState, Network, NetworkConfig, NetworkState, NetworkStep, doubly_stochastic,
};
pub use ops::{GreedyWords, WordLoss, linear_argmax, linear_cross_entropy};
pub use train::{
    CheckpointEvery, CommentMetric, EpochRecord, Event, FrameF1, FusedAdam, HardAttention,
    Precision, Schedule, SelectBy, StepEvent, StepRecord, TrainConfig, TrainReport, Trainer,
    TrainingData, WordF1, Written,
};
