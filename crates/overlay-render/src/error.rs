use std::path::{Path, PathBuf};

use crate::limits::MAX_SIDE;

/// Why fonts, a picture, a video or an export could not be had.
///
/// The text says what happened and where, [`source`](std::error::Error::source) what it came from.
///
/// ```
/// use std::error::Error as _;
///
/// use overlay_render::{Error, Fonts};
///
/// let error = Fonts::from_files(["no-such.ttf"]).expect_err("there is no such file");
/// assert!(matches!(error, Error::Read { .. }));
/// assert_eq!(error.to_string(), "no-such.ttf: cannot read");
/// assert!(error.source().is_some());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No font was given.
    #[error("no font was given")]
    NoFont,
    /// No installed font has Japanese characters.
    #[error("no installed font has Japanese characters")]
    NoJapaneseFont,
    /// A file that was named as a font holds none.
    #[error("{}: no font, expected TrueType, OpenType or a collection of them", path.display())]
    NotAFont {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that were given as a font are none.
    #[error(
        "the font at {index} in memory is none, expected TrueType, OpenType or a collection of them"
    )]
    NotAFontInMemory {
        /// The place in the list, from 0.
        index: usize,
    },
    /// A file could not be read.
    #[error("{}: cannot read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{}: cannot write", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A picture without pixels or beyond what is drawn.
    #[error("cannot draw a picture of {width}x{height} pixels, expected sides of 1 to {MAX_SIDE}")]
    PictureSize {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
    },
    /// The input is no video: FFmpeg could not make sense of it, or it has no video stream.
    #[cfg(feature = "video")]
    #[error("{}: {what}", path.display())]
    NotAVideo {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The video could not be encoded or written.
    #[cfg(feature = "video")]
    #[error("{}: {what}", path.display())]
    Encode {
        /// The file that was to be written.
        path: PathBuf,
        /// What went wrong and what to do.
        what: String,
    },
    /// Numbers that are no map of attention.
    #[error("no map of attention: {problem}")]
    AttentionMap {
        /// What is wrong with them.
        problem: String,
    },
    /// A line of a file with attention is not what it should be.
    #[error("{}: line {line}: {problem}", path.display())]
    AttentionFile {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A part of a video without length, or before its start.
    #[cfg(feature = "video")]
    #[error("from {start} s to {end} s: the first must be 0 or more and the second after it")]
    Span {
        /// Where it was to begin, in seconds.
        start: f64,
        /// Where it was to end, in seconds.
        end: f64,
    },
    /// The caller's progress function asked to stop. Nothing was written.
    #[cfg(feature = "video")]
    #[error("stopped before the end, nothing was written")]
    Stopped,
}

impl Error {
    pub(crate) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    #[cfg(feature = "video")]
    pub(crate) fn write(path: &Path, source: std::io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}
