use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::Format;

/// Error of reading a comment or the rest of a file, with its place.
///
/// Reading goes on after errors about one comment; after [fatal](Self::is_fatal) ones the reader
/// ends.
///
/// ```
/// use nico_comments::{Comments, ReadOptions};
///
/// let file = "<packet><chat vpos=\"soon\">w</chat>\n<chat vpos=\"7\">8888</chat></packet>";
/// let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
/// let error = comments.next().expect("an item for each chat").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 1, byte 8: vpos is \"soon\", expected an integer of centiseconds"
/// );
/// assert!(!error.is_fatal() && comments.next().is_some());
/// ```
#[derive(Debug)]
pub struct Error {
    pub(crate) path: Option<PathBuf>,
    pub(crate) line: u64,
    pub(crate) offset: u64,
    pub(crate) kind: ErrorKind,
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.kind)
    }
}

/// File, place and reason; no place where the reason is about the file as a whole.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if !self.is_fatal() || matches!(self.kind, ErrorKind::EndsEarly) {
            write!(f, "line {}, byte {}: ", self.line, self.offset)?;
        }
        self.kind.fmt(f)
    }
}

impl Error {
    /// The file, if it was opened by its path.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The line, counted from 1, on which the comment begins.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The byte, counted from 0, at which the comment begins.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the file is none of comments at all.
    #[must_use]
    pub fn is_other_file(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::UnknownFormat | ErrorKind::OtherXml(_) | ErrorKind::OtherJson
        )
    }

    /// Whether nothing can be read after it, as opposed to one comment that is left out.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Io(_)
                | ErrorKind::EndsEarly
                | ErrorKind::UnknownFormat
                | ErrorKind::OtherXml(_)
                | ErrorKind::OtherJson
                | ErrorKind::OtherFormat { .. }
                | ErrorKind::Encoding(_)
                | ErrorKind::Service(_)
        )
    }
}

/// Reason of an [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `vpos` is not an integer that fits. Holds what stood there.
    #[error("vpos is {0:?}, expected an integer of centiseconds")]
    Vpos(String),
    /// There is no `vpos` (v1: `vposMs`, owner lists: `time`).
    #[error("the comment has no {0}")]
    NoVpos(&'static str),
    /// `time` of an owner list cannot be understood. Holds what stood there.
    #[error("time is {0:?}, expected m:s or seconds")]
    Time(String),
    /// The time of Bilibili's attribute `p` is no number of seconds. Holds what stood there.
    #[error("the time is {0:?}, expected seconds")]
    Seconds(String),
    /// Another comment begins before this one ends.
    #[error("the comment has no end before the next one begins")]
    Unclosed,
    /// The comment is longer than
    /// [`ReadOptions::max_comment_len`](crate::ReadOptions::max_comment_len).
    #[error("the comment is longer than {0} bytes (max_comment_len)")]
    TooLong(usize),
    /// A JSON object is malformed.
    #[error("malformed JSON: {0}")]
    Json(&'static str),
    /// More comments of a thread came before its `fork` than
    /// [`ReadOptions::max_buffered`](crate::ReadOptions::max_buffered); they are taken for
    /// viewers'.
    #[error("the fork of the thread is not among its first {0} comments (max_buffered)")]
    ForkTooLate(usize),
    /// The input ends inside a comment (in JSON: before its brackets are closed). All whole
    /// comments came before.
    #[error("the file ends in the middle; it was cut off")]
    EndsEarly,
    /// The content is none of the formats.
    #[error(
        "not a comment file: expected XML with chat elements, comment JSON, or lines of seconds:commands:text"
    )]
    UnknownFormat,
    /// The file is XML or HTML of another kind. Holds the name of its root element, empty if it has
    /// none.
    #[error("not a comment file: {}, expected packet or i", other_root(.0))]
    OtherXml(String),
    /// The file is JSON, and nothing in it is a comment.
    #[error("not a comment file: it is JSON, and nothing in it is a comment")]
    OtherJson,
    /// The file is of another format than [`ReadOptions::format`](crate::ReadOptions::format) says.
    #[error("the file is {found}, expected {expected}")]
    OtherFormat {
        /// What was expected.
        expected: Format,
        /// What it is.
        found: Format,
    },
    /// The text is in an encoding that is not known. Holds its name, as the file declares it or its
    /// byte-order mark says.
    #[error(
        "the text is in {0}, which cannot be read; expected UTF-8 or another encoding of the web"
    )]
    Encoding(String),
    /// The file holds an error message of the service instead of comments.
    #[error("the service answered with an error instead of comments: {0}")]
    Service(String),
    /// The source failed.
    #[error("cannot read")]
    Io(#[source] io::Error),
}

fn other_root(name: &str) -> String {
    match name {
        "" => "it is XML without an element".to_owned(),
        name if name.eq_ignore_ascii_case("html") => "it is HTML".to_owned(),
        name => format!("it is XML whose root element is {name:?}"),
    }
}
