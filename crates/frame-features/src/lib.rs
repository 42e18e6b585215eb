//! Video frames to VGG-19 features in Burn, kept in a memory-mapped store.
//!
//! [`Vgg19`] is the network, of any width: [`Vgg19::load`] reads torchvision's file,
//! `Vgg19::slim` is a small one that comes with the crate. [`Preprocess`] makes pictures its
//! input. [`FeatureStore`] keeps one row of features for each frame of a video on disk and reads
//! them back where they lie.
//!
//! # Example
//!
//! ```
//! use burn::tensor::Device;
//! use frame_features::{Picture, Preprocess, Vgg19Config, annotations};
//!
//! let device = Device::flex();
//! let network = Vgg19Config::slim(32).init(&device); // or Vgg19::load("vgg19-dcbb9e9d.pth", …)
//! let rgb = vec![90; 64 * 48 * 3];
//! let picture = Picture::new(64, 48, &rgb).expect("three bytes a pixel");
//! let input = Preprocess::new(64).batch(&[picture], &device);
//! let features = annotations(network.forward_conv5_3(input));
//! assert_eq!(features.dims(), [1, 16, 16]); // one picture, 4x4 locations, 16 channels
//! ```

#[cfg(feature = "flex")]
mod cpu;
mod device;
mod encoder;
mod error;
#[cfg(feature = "video")]
mod extract;
mod files;
mod half_precision;
mod held;
mod layer;
mod picture;
mod preprocess;
mod rational;
mod sampling;
mod source;
mod store;
mod vgg;
#[cfg(feature = "video")]
mod video;
mod weights;

pub use encoder::{Encoder, EncoderId, FrameEncoder};
pub use error::{Error, VideoProblem};
#[cfg(feature = "video")]
pub use extract::{ExtractOptions, ExtractReport, Progress, extract};
pub use held::HeldFrames;
pub use layer::{Layer, ParseLayerError};
pub use picture::Picture;
pub use preprocess::Preprocess;
pub use rational::Rational;
pub use sampling::Sampling;
pub use source::{FeatureSource, JoinedStores, MemoryFeatures};
pub use store::{FeatureStore, FeatureStoreWriter, StoreInfo, StorePlan, VideoEnd, VideoSource};
pub use vgg::{Vgg19, Vgg19Config, VggTail, VggTailConfig, annotations, fold_batch_norm};
#[cfg(feature = "video")]
pub use video::{Frame, FrameTime, VideoFrames, VideoInfo, VideoOptions};
