//! Video in, video with comments out.
//!
//! A reader thread decodes and hands frames to drawers, which work on several at once; the caller's thread takes everything in
//! the file's order and encodes and writes it. A few frames wait between them.

mod about;
mod codecs;
mod colors;
mod draw;
mod encoder;
mod ffi;
mod frame;
mod muxer;
mod options;
mod pictures;
mod pipeline;
mod pool;
mod render;
mod report;
mod sink;
mod source;
mod span;
mod still;
mod turn;

pub use options::{Attention, Background, OutputSize, RenderOptions};
pub use render::{render, render_pictures, render_with_progress};
pub use report::{Progress, RenderReport};
pub use still::render_frame;

use std::path::Path;

use video_rs::ffmpeg;

use crate::Error;

/// FFmpeg's name for a file on disk, whatever characters it has. FFmpeg's bindings take UTF-8 only.
fn file_url(path: &Path) -> Result<String, Error> {
    match path.to_str() {
        Some(text) if !text.contains('\0') => Ok(format!("file:{text}")),
        _ => Err(Error::NotAVideo {
            path: path.to_owned(),
            what: "FFmpeg opens files whose names are UTF-8 only: rename it".to_owned(),
        }),
    }
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let is = |ending: &&str| {
        file.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(ending))
    };
    endings.iter().any(is)
}

fn not_a_video(path: &Path, what: impl Into<String>) -> Error {
    Error::NotAVideo {
        path: path.to_owned(),
        what: what.into(),
    }
}

fn encode_error(path: &Path, what: impl Into<String>) -> Error {
    Error::Encode {
        path: path.to_owned(),
        what: what.into(),
    }
}

/// A fraction as a number; 0 if it has no denominator.
fn ratio(rational: ffmpeg::Rational) -> f64 {
    if rational.denominator() == 0 {
        return 0.0;
    }
    f64::from(rational.numerator()) / f64::from(rational.denominator())
}
