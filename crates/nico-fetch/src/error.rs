use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use nico_comments::{Format, WriteError};

use crate::fault::Fault;
use crate::parse_error::ParseError;

/// Error of fetching, or of another program's download. Pages that came before are kept; the next
/// run goes on behind them.
///
/// No error holds a login, a thread key, or text of an answer that is more than an upper-case code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option is out of range.
    #[error("{option}: expected {expected}")]
    Option {
        /// The field of [`FetchOptions`](crate::FetchOptions), or the argument.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A text is not what it has to be.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// Past logs are for logged-in users: there is no session, or the service does not take it.
    #[error(
        "past logs need a login: there is no session (NICO_USER_SESSION), or it has ended or may not see them"
    )]
    LoginNeeded,
    /// A login would go over an open connection.
    #[error("the session is sent to https servers and to this machine only, not to {0}")]
    OpenConnection(String),
    /// The service does not give the video out.
    #[error("the service does not show {video}: {}{}", reason_text(reason.as_deref()), code_text(*status, code.as_deref()))]
    Video {
        /// The video.
        video: String,
        /// `reasonCode` of the answer: `HIDDEN_VIDEO`, `PREMIUM_ONLY`, ….
        reason: Option<String>,
        /// `errorCode` of the answer.
        code: Option<String>,
        /// The status.
        status: u16,
    },
    /// The video has no comments to ask for.
    #[error("the watch answer of {0} names no comment server: its comments are closed")]
    NoComments(String),
    /// The answer names a comment server that is none of the service's.
    #[error("the watch answer names a comment server outside the service; it gets no request")]
    ForeignServer,
    /// An error that the service names, or a status that means nothing here.
    #[error("{call}: the service refused{}", code_text(*status, code.as_deref()))]
    Refused {
        /// What was asked for.
        call: Call,
        /// The status.
        status: u16,
        /// `errorCode` of the answer.
        code: Option<String>,
    },
    /// A redirect. They are not followed.
    #[error("{call}: the server redirects (status {status}), which is not followed")]
    Redirect {
        /// What was asked for.
        call: Call,
        /// The status.
        status: u16,
    },
    /// Too many requests, and no end to it.
    #[error("{call}: too many requests, and the service wants a wait of {} s", wait.as_secs())]
    Throttled {
        /// What was asked for.
        call: Call,
        /// How long to wait.
        wait: Duration,
    },
    /// All tries failed.
    #[error("{call}: failed {tries} times")]
    GaveUp {
        /// What was asked for.
        call: Call,
        /// Why the last try failed.
        source: Fault,
        /// How often it was tried.
        tries: usize,
    },
    /// The observer wanted no more while a request waited to be sent, or another program was
    /// [stopped](crate::Downloader::stop).
    #[error("stopped")]
    Cancelled,
    /// There was no answer that can be used, and another try would not help.
    #[error("{call}: no usable answer")]
    Response {
        /// What was asked for.
        call: Call,
        /// What is wrong.
        source: Fault,
    },
    /// An answer repeats a login or key. It is not saved.
    #[error("an answer repeats the session or thread key; it is not saved")]
    Leak,
    /// The key was renewed and is expired again, without a page between.
    #[error("the thread key expired twice without a page between")]
    KeyExpired,
    /// The folder holds another collection.
    #[error("{}: holds {found}, not {expected}", path.display())]
    OtherCollection {
        /// The folder.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// The collection would take the place of a file that no run wrote. Nothing was asked for.
    #[error("{}: was written by no fetch and is not written over", .0.display())]
    ForeignFile(PathBuf),
    /// Another process fetches into the folder.
    #[error("{}: another process fetches into this folder", .0.display())]
    Busy(PathBuf),
    /// A file of the collection is not what it was when it was saved. The next run fetches it
    /// again.
    #[error("{}: damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Fault,
    },
    /// Another program cannot be run.
    #[error("{program}: cannot be run")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another program failed.
    #[error("{program}: failed ({status}): {said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said on standard error.
        said: String,
    },
    /// Another program was stopped.
    #[error("{program}: took longer than {} s and was stopped: {said}", limit.as_secs())]
    TooLong {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
        /// The end of what it said on standard error.
        said: String,
    },
    /// Another program left nothing that can be read. Its arguments may not name the folder.
    #[error("{program}: left no comment file in {}", out.display())]
    NoFile {
        /// The program.
        program: String,
        /// The folder.
        out: PathBuf,
    },
    /// Another program left more files than are looked at.
    #[error("{}: holds too many files", .0.display())]
    TooManyFiles(PathBuf),
    /// Collections are not written in this format.
    #[error("collections are written as xml or v1-json, not as {0}")]
    Format(Format),
    /// A file of another program cannot be read to its end.
    #[error(transparent)]
    Read(nico_comments::Error),
    /// The file system refused.
    #[error("{}: cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<folder_lock::Error> for Error {
    fn from(error: folder_lock::Error) -> Self {
        match error {
            folder_lock::Error::Busy { folder } => Self::Busy(folder),
            folder_lock::Error::Io { folder, source } => Self::at(&folder)(source),
        }
    }
}

/// Kind of a request to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// The threads of a video, their server and the thread key.
    Watch,
    /// Another thread key.
    Key,
    /// A page of a thread.
    Page,
    /// A window of a channel's past log.
    PastLog,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Watch => "watch",
            Self::Key => "key",
            Self::Page => "page",
            Self::PastLog => "past log",
        })
    }
}

impl Error {
    /// For errors of the standard library, which do not name the file.
    pub(crate) fn at(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// What a `reasonCode` of the watch call means.
fn reason_text(reason: Option<&str>) -> String {
    let text = match reason {
        Some("HIDDEN_VIDEO") => "it is hidden or deleted",
        Some("PREMIUM_ONLY") => "it is for Premium members",
        Some("CHANNEL_MEMBER_ONLY") => "it is for members of its channel",
        Some("PPV_VIDEO") => "it has to be paid for",
        Some("DOMESTIC_VIDEO") => "it is shown in Japan only",
        Some("HARMFUL_VIDEO") => "it is marked as sensitive, which a login has to confirm first",
        Some(other) => return format!("reason {other}"),
        None => "no reason given",
    };
    text.to_owned()
}

fn code_text(status: u16, code: Option<&str>) -> String {
    match code {
        Some(code) => format!(" (status {status}, {code})"),
        None => format!(" (status {status})"),
    }
}
