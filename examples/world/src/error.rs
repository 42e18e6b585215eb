//! What can go wrong.

use std::path::{Path, PathBuf};

/// Why a world could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot write {}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// The reason of the operating system.
        source: std::io::Error,
    },
    /// Another program draws into the folder.
    #[error("{}: another program is writing into this folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// FFmpeg could not encode or write a video.
    #[error("{}: cannot {action}", path.display())]
    Video {
        /// The video.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// An option is out of its range.
    #[error("{option} of {value} cannot be drawn: choose {range}")]
    Option {
        /// Which one.
        option: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        range: &'static str,
    },
}

impl Error {
    /// Why a folder could not be locked.
    pub(crate) fn locking(error: folder_lock::Error) -> Self {
        match error {
            folder_lock::Error::Busy { folder } => Self::Busy { folder },
            folder_lock::Error::Io { folder, source } => Self::io(&folder, source),
        }
    }
}

impl Error {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
