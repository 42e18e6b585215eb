//! Features of video frames: VGG-19 and other encoders in Burn, and a memory-mapped store.
//!
//! An [`Encoder`] is [`Vgg`] with a layer and a picture size: [`Picture`]s go in, and features
//! come out as a tensor on its device. A [`FeatureStore`] keeps one row of them for each frame of a
//! video on disk; `extract` (feature `video`) makes it of any video that FFmpeg reads. Models read
//! rows from a [`FeatureSource`]: a store, several as one ([`JoinedStores`]) or rows in memory
//! ([`MemoryFeatures`]); by their [`EncoderId`] features of another encoder are refused. An encoder
//! of your own is a [`FrameEncoder`], or an ONNX file (`OnnxEncoder`, feature `onnx`).
//!
//! # Example
//!
//! Pictures in memory become features, and those a store:
//!
//! ```
//! use burn::tensor::Device;
//! use frame_features::{
//!     Encoder, FeatureStore, FeatureStoreWriter, FrameEncoder, Layer, Picture, Rational, StorePlan,
//!     Vgg, VideoEnd, VideoSource,
//! };
//!
//! let network = Vgg::slim(&Device::flex())?; // or Vgg::load("vgg19-dcbb9e9d.pth", …)
//! let encoder = Encoder::new(&network, Layer::Conv5_3, 64)?;
//! let frames: Vec<Vec<u8>> = (0..3).map(|shade| vec![100 * shade; 64 * 48 * 3]).collect();
//! let pictures: Vec<_> = frames
//!     .iter()
//!     .map(|rgb| Picture::new(64, 48, rgb).expect("three bytes a pixel"))
//!     .collect();
//!
//! let features = encoder.forward(&pictures)?; // stays on the device: for a model there
//! assert_eq!(features.dims(), [3, 16, 64]); // pictures, locations (4x4), channels
//!
//! let folder = tempfile::tempdir()?;
//! let shades = VideoSource { path: "shades".into(), bytes: 0, sha256: "0".repeat(64) };
//! let plan = StorePlan::new(encoder.id().clone(), encoder.shape(), shades);
//! let mut writer = FeatureStoreWriter::create(folder.path(), plan)?;
//! let rows = encoder.encode(&pictures)?; // in memory, one row after the other
//! for (frame, row) in rows.chunks_exact(16 * 64).enumerate() {
//!     writer.push(frame, frame as f64 / 24.0, row)?;
//! }
//! writer.finish(VideoEnd::new(3, Rational::new(24, 1), 3.0 / 24.0))?;
//!
//! let store = FeatureStore::open(folder.path())?;
//! assert_eq!((store.len(), store.shape()), (3, &[16, 64][..]));
//! assert_eq!(store.row_at_time(0.05), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Units and limits
//!
//! - Times are seconds, as the container counts them; [`Rational`] and `FrameTime` keep them exact.
//! - Pictures are rows of red, green and blue bytes from the top; frames have up to 2^27 pixels.
//! - Encoders take squares of 32 to 4,096 pixels a side. The published network was trained at 224.
//! - Stores keep f16: features beyond ±65,504 become that, and NaN is refused. A store may be
//!   larger than memory. Files appear whole or not at all, so that a killed program leaves nothing
//!   broken.
//!
//! # Features
//!
//! - `video` (default): decoding, which links FFmpeg's libraries
//! - `flex` (default): Burn's CPU backend, with Winograd convolutions of our own
//! - `slim` (default): `Vgg::slim`, 4 MB of weights in the program
//! - `onnx`: `OnnxEncoder`, networks in ONNX files
//! - `cuda`, `wgpu`: Burn's other backends
#![cfg_attr(docsrs, feature(doc_cfg))] // which feature an item needs, on docs.rs

#[cfg(feature = "flex")]
mod cpu;
mod device;
mod duplicates;
mod encoder;
mod error;
#[cfg(feature = "video")]
mod extract;
mod files;
mod half_precision;
mod layer;
mod layout;
#[cfg(feature = "onnx")]
mod onnx;
mod picture;
mod preprocess;
mod rational;
mod sampling;
mod source;
mod store;
mod time_repairs;
mod vgg;
#[cfg(feature = "video")]
mod video;
mod weights;

pub use duplicates::DuplicateFrames;
pub use encoder::{Encoder, EncoderId, FrameEncoder, is_onnx, load_encoder};
pub use error::{Error, VideoProblem};
#[cfg(feature = "video")]
pub use extract::{ExtractOptions, ExtractReport, Progress, extract};
pub use layer::{Layer, ParseLayerError};
pub use layout::VggVariant;
#[cfg(feature = "onnx")]
pub use onnx::{
    ColorOrder, FeatureKind, OnnxEncoder, OnnxProblem, OnnxSettings, OnnxSettingsError, Preset,
    TensorLayout,
};
pub use picture::Picture;
pub use preprocess::Preprocess;
pub use rational::Rational;
pub use sampling::Sampling;
pub use source::{FeatureSource, FeatureSpread, JoinedStores, MemoryFeatures};
pub use store::{FeatureStore, FeatureStoreWriter, StoreInfo, StorePlan, VideoEnd, VideoSource};
pub use time_repairs::TimeRepairs;
pub use vgg::{
    Vgg, VggConfig, VggTail, VggTailConfig, VggTailProblem, annotations, fold_batch_norm,
};
#[cfg(feature = "video")]
pub use video::{
    Frame, FrameTime, FrameTimes, VideoFrames, VideoInfo, VideoOptions, frame_at, frames_at,
};

/// The programs of the README are compiled and run.
#[cfg(all(doctest, feature = "video", feature = "flex", feature = "slim"))]
#[doc = include_str!("../README.md")]
struct Readme;
