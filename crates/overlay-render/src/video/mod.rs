//! Video in, video with comments out.

mod frame;
mod options;
mod render;
mod sink;
mod source;

pub use options::RenderOptions;
pub use render::{Progress, RenderReport, render, render_with_progress};

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
