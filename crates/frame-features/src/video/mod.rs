//! Frames of any video that FFmpeg reads.

mod colour;
mod decode;
mod frame;
mod frames;
mod frames_at;
mod info;
mod pixels;
mod rotation;
mod row_scaler;
mod sampler;
mod scale;
mod units;

pub use frame::{Frame, FrameTime};
pub use frames::{VideoFrames, VideoOptions};
pub use frames_at::{frame_at, frames_at};
pub use info::VideoInfo;
pub(crate) use scale::DESCRIPTION as SCALING;
