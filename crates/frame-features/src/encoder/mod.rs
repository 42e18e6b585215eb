//! Pictures in, features out.

mod frame_encoder;
mod id;
mod load;
mod vgg_encoder;

pub use frame_encoder::FrameEncoder;
pub use id::EncoderId;
pub use load::{is_onnx, load_encoder};
pub use vgg_encoder::Encoder;
