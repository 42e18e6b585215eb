//! Image captioners that comment on videos: Show and Tell, and Show, Attend and Tell, in Burn.
//!
//! A [`Captioner`] loads a model folder, or is put together [from its parts](Captioner::new), and
//! writes comments for pictures and for the rows of any
//! [`FeatureSource`](frame_features::FeatureSource) of the model's encoder. Below it lie the
//! networks themselves ([`GlobalCaptioner`], [`AttentionCaptioner`]), which work on plain tensors.
//! The crate `caption-train` makes models, `caption-metrics` judges them.
//!
//! # Example
//!
//! ```no_run
//! use burn::tensor::Device;
//! use caption_model::{Captioner, GenerateOptions};
//! use frame_features::Picture;
//!
//! let captioner = Captioner::from_dir("model", &Device::flex())?;
//! let rgb = vec![90; 640 * 480 * 3]; // rows from the top, three bytes a pixel
//! let picture = Picture::new(640, 480, &rgb).expect("as many bytes as pixels need");
//! println!("{}", captioner.caption(&picture, &GenerateOptions::default())?.text);
//! # Ok::<(), caption_model::Error>(())
//! ```
//!
//! A network by itself, greedily word after word:
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
//!     let (pre_logits, next) = model.step(word, state);
//!     (word, state) = (model.logits(pre_logits).argmax(1).squeeze_dim(1), next);
//! }
//! ```
//!
//! # Units and limits
//!
//! Losses are nats a word, `<eos>` counted and padding not. Word ids are `jp-tokenize`'s: 0
//! `<pad>`, 1 `<bos>`, 2 `<eos>`, 3 `<unk>`. Weight files are safetensors: loading one never runs
//! code.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend.
//! - `slim` (default): the small encoder of `frame-features` is built in, so that
//!   [`Captioner::caption`] needs no other file.
//! - `cuda`: NVIDIA GPUs. Building it downloads LLVM; `cuda-nvrtc` builds without.
//! - `onnx`: encoders from ONNX files, for [`Captioner::with_encoder_file`].
//! - `wgpu`: Vulkan and other graphics APIs; for checking without an NVIDIA GPU what runs on one.

mod batch;
mod captioner;
mod comment_rate;
pub mod commenter;
mod error;
mod files;
mod generate;
mod host;
mod learnt_part;
mod likelihood;
mod model;
mod model_folder;
mod model_problem;
mod picture_encoder;

pub use batch::{Batch, PaddedWords, load_features};
pub use captioner::{Captioner, EncodedPictures};
pub use comment_rate::CommentRate;
pub use commenter::{Commenter, CommenterConfig, CommenterFolder, NgramHasher};
pub use error::Error;
pub use folder_lock::FolderLock;
pub use generate::{
    Beam, Caption, Decoding, GenerateOptions, Generator, LengthPenalty, Sampling, ScoreOptions,
    ScoredCaption, ScoredComment, SymbolRule, WordAttention, write_features,
};
pub use host::to_host;
pub use jp_tokenize::{BOS, EOS, PAD, UNK};
pub use learnt_part::LearntPart;
pub use likelihood::batch_nlls;
pub use model::{
    Attention, AttentionCaptioner, AttentionCaptionerConfig, AttentionInference, AttentionState,
    AttentionStep, AttentionTarget, CaptionerConfig, CaptionerNetwork, FirstInput, GlobalCaptioner,
    GlobalCaptionerConfig, InitialState, LocationSamples, Lstm, LstmConfig, LstmState, Network,
    NetworkConfig, NetworkProblem, NetworkState, NetworkStep, TrainingPass, doubly_stochastic,
};
pub use model_folder::{ModelConfig, ModelFolder};
pub use model_problem::ModelProblem;

/// The programs of the README are compiled.
#[cfg(all(doctest, feature = "flex"))]
#[doc = include_str!("../README.md")]
struct Readme;
