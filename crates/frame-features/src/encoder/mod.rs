//! Pictures in, features out.

mod frame_encoder;
mod id;
mod vgg_encoder;

pub use frame_encoder::FrameEncoder;
pub use id::EncoderId;
pub use vgg_encoder::Encoder;
