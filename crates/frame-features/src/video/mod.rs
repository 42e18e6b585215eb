//! Frames of any video that FFmpeg reads, through `video-rs`.

mod chooser;
mod colour;
mod decode;
mod frame;
mod frames;
mod info;
mod pixels;
mod rotation;
mod scale;
mod shrink;

use std::path::Path;

pub use frame::{Frame, FrameTime};
pub use frames::{VideoFrames, VideoOptions};
pub use info::VideoInfo;
pub(crate) use scale::DESCRIPTION as SCALING;

use video_rs::ffmpeg;

use crate::{Error, Rational};

impl Error {
    fn video(path: &Path, problem: impl Into<String>) -> Self {
        Self::Video {
            path: path.to_path_buf(),
            problem: problem.into(),
        }
    }
}

/// FFmpeg's fraction as ours.
fn rational(fraction: ffmpeg::Rational) -> Rational {
    Rational::new(fraction.numerator().into(), fraction.denominator().into())
}
