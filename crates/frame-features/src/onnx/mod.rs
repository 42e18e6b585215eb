//! Encoders from ONNX files.
//!
//! `settings` and `preset` say how a network takes pictures, `known` says it of published files,
//! `file` reads and checks what stands in a file, `network` computes it by the crate tract with
//! convolutions of our own (`convolution`), `preparation` makes its input of pictures, `place`
//! finds their features in its output, and `encoder` puts them together.

mod convolution;
mod encoder;
mod file;
mod known;
mod network;
mod place;
mod preparation;
mod preset;
mod problem;
mod settings;

pub use encoder::OnnxEncoder;
pub use preset::Preset;
pub use problem::OnnxProblem;
pub use settings::{ColorOrder, FeatureKind, OnnxSettings, OnnxSettingsError, TensorLayout};
