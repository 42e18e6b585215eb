//! What can go wrong.

use std::path::{Path, PathBuf};

/// Why a world could not be written or its ground truth not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// FFmpeg could not encode or write a video.
    #[error("{}: cannot {action}: {source}", path.display())]
    Video {
        /// The video.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// FFmpeg's reason.
        source: video_rs::ffmpeg::Error,
    },
    /// A JSON file is not what it should be.
    #[error("{}: line {}: {source}; draw the show again to get its boxes.json", path.display(), source.line())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A `boxes.json` contradicts itself.
    #[error("{}: {what}; draw the show again to get its boxes.json", path.display())]
    Boxes {
        /// The file.
        path: PathBuf,
        /// The contradiction.
        what: String,
    },
    /// The options ask for what cannot be drawn.
    #[error("{0}")]
    Options(String),
}

impl Error {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
