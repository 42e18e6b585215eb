//! What can go wrong.

use std::path::PathBuf;

use crate::boxes::BoxesError;

/// Why a file could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason of the operating system.
        source: std::io::Error,
    },
    /// A file holds no valid ground truth of boxes.
    #[error("{}: invalid ground truth of boxes", path.display())]
    Boxes {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        source: BoxesError,
    },
}
