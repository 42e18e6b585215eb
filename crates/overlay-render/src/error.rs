use std::path::{Path, PathBuf};

/// Why fonts, a picture, a video or an export could not be had. Messages name the file and say what to do.
///
/// ```
/// use overlay_render::{Error, Fonts};
///
/// let error = Fonts::from_files(["no-such.ttf"]).expect_err("there is no such file");
/// assert!(matches!(error, Error::Io { .. }) && error.to_string().contains("no-such.ttf"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No installed font has Japanese characters.
    #[error(
        "no Japanese font is installed: install one (Debian, Ubuntu: `apt install fonts-noto-cjk`) or name a font file"
    )]
    NoFont,
    /// A file that was named as a font holds none.
    #[error("{}: not a font file; TrueType, OpenType and their collections (.ttf, .otf, .ttc) are read", path.display())]
    NotAFont {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A picture without pixels or beyond what is drawn.
    #[error("cannot draw a picture of {width}x{height} pixels: each side must be 1 to {max}", max = crate::limits::MAX_SIDE)]
    PictureSize {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
    },
    /// The input is no video: FFmpeg could not make sense of it, or it has no video stream.
    #[error("{}: {what}", path.display())]
    NotAVideo {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The video could not be encoded or written.
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
    #[error("from {start} s to {end} s: the first must be 0 or more and the second after it")]
    Span {
        /// Where it was to begin, in seconds.
        start: f64,
        /// Where it was to end, in seconds.
        end: f64,
    },
    /// The caller's progress function asked to stop. Nothing was written.
    #[error("stopped before the end; nothing was written")]
    Stopped,
}

impl Error {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
