use std::fmt;
use std::path::{Path, PathBuf};

use crate::limits::{MAX_CELLS, MAX_SIDE};
#[cfg(feature = "video")]
use crate::problem::{InputProblem, OutputProblem};

/// An error of a library below.
#[cfg(feature = "video")]
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A path as messages show it: of an address the scheme and the host alone, since the rest of it
/// may hold a login or a stream's key.
///
/// ```
/// use overlay_render::shown_address;
///
/// assert_eq!(shown_address("in.mp4"), "in.mp4");
/// let address = "rtmp://me:secret@live.example.org/app/key";
/// assert_eq!(shown_address(address), "rtmp://live.example.org/…");
/// ```
#[cfg(feature = "video")]
#[must_use]
pub fn shown_address(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    let address = path.to_str().and_then(|text| text.split_once("://"));
    let Some((scheme, rest)) = address else {
        return path.display().to_string();
    };
    let (server, left) = match rest.find(['/', '?', '#']) {
        Some(end) => (&rest[..end], "/…"),
        None => (rest, ""),
    };
    let host = server.rsplit_once('@').map_or(server, |(_, host)| host);
    format!("{scheme}://{host}{left}")
}

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
    /// Bytes that [`Fonts::subset`](crate::Fonts::subset) did not write.
    #[error("no subset of fonts as this version writes them")]
    NotASubset,
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
    /// An option or an argument that is not in its range.
    #[error("{what} is {found}, expected {expected}")]
    OutOfRange {
        /// What was given.
        what: &'static str,
        /// What it was.
        found: f64,
        /// Its range.
        expected: &'static str,
    },
    /// Weights that are no map of attention.
    #[error("no map of attention: {problem}")]
    AttentionMap {
        /// What is wrong with them.
        problem: MapProblem,
    },
    /// A line of a file with attention that is no comment with words.
    #[error("{}: line {line}: no comment with words", path.display())]
    AttentionFile {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What the reader of JSON said.
        source: serde_json::Error,
    },
    /// A video that cannot be read, or not as asked for.
    #[cfg(feature = "video")]
    #[error("{}: {problem}", shown_address(path))]
    Input {
        /// The file, or the address.
        path: PathBuf,
        /// What is wrong with it.
        problem: InputProblem,
        /// What FFmpeg said, if it said something.
        source: Option<Cause>,
    },
    /// A video or a folder of pictures that cannot be written. Nothing is left of it.
    #[cfg(feature = "video")]
    #[error("{}: {problem}", shown_address(path))]
    Output {
        /// The file, the folder or the address.
        path: PathBuf,
        /// Why not.
        problem: OutputProblem,
        /// What FFmpeg said, if it said something.
        source: Option<Cause>,
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
    /// The caller asked to stop, by what its progress function answered or by its flag. Nothing was
    /// written.
    #[error("stopped before the end, nothing was written")]
    Stopped,
}

/// Why weights are no map of attention.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MapProblem {
    /// A side is 0 or longer than maps may be.
    Size {
        /// Columns asked for.
        columns: usize,
        /// Rows asked for.
        rows: usize,
    },
    /// There are more or fewer weights than locations.
    Count {
        /// Weights given.
        weights: usize,
        /// Columns asked for.
        columns: usize,
        /// Rows asked for.
        rows: usize,
    },
    /// A weight is negative or no number.
    Weight(f32),
}

impl fmt::Display for MapProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { columns, rows } => {
                write!(
                    f,
                    "{columns} columns and {rows} rows, expected 1 to {MAX_CELLS} of each"
                )
            }
            Self::Count {
                weights,
                columns,
                rows,
            } => write!(f, "{weights} weights for {columns}x{rows} locations"),
            Self::Weight(weight) => write!(f, "a weight is {weight}, expected 0 or more"),
        }
    }
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
