//! Frames of any video that FFmpeg reads.

mod clock;
mod colour;
mod decode;
mod ffi;
mod frame;
mod frames;
mod frames_at;
mod info;
mod pixels;
mod rotation;
mod row_scaler;
mod sampler;
mod scale;
mod times;
mod units;

pub use frame::{Frame, FrameTime};
pub use frames::{VideoFrames, VideoOptions};
pub use frames_at::{frame_at, frames_at};
pub use info::VideoInfo;
pub(crate) use scale::DESCRIPTION as SCALING;
pub use times::FrameTimes;
