use std::io;
use std::path::PathBuf;

use nico_comments::WriteError;

/// Why fetching ended early. Pages that came before are kept; the next run goes on behind them.
///
/// No error holds a login, a thread key, or text of an answer that is more than an upper-case code.
///
/// ```
/// use nico_fetch::FetchError;
///
/// let error = FetchError::LoginNeeded;
/// assert!(error.to_string().contains("NICO_USER_SESSION"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// What was asked for makes no sense.
    #[error("{0}")]
    Options(String),
    /// Past logs are for logged-in users.
    #[error(
        "past logs need a login: set NICO_USER_SESSION to the cookie user_session of a browser that is logged in, or ask for a sample"
    )]
    LoginNeeded,
    /// A login would go over an open connection.
    #[error("the session is sent to https servers and to this machine only, not to {0}")]
    OpenConnection(String),
    /// The service does not give the video out.
    #[error("the service does not show {video}: {}{}", reason_text(reason), code_text(*status, code.as_deref()))]
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
    #[error("{what}: the service refused{}", code_text(*status, code.as_deref()))]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// The status.
        status: u16,
        /// `errorCode` of the answer.
        code: Option<String>,
    },
    /// A redirect. They are not followed.
    #[error("{what}: the server redirects (status {status}), which is not followed")]
    Redirect {
        /// What was asked for.
        what: &'static str,
        /// The status.
        status: u16,
    },
    /// Too many requests, and no end to it.
    #[error("{what}: the service still says that there are too many requests; try again in {} s", wait.as_secs())]
    Throttled {
        /// What was asked for.
        what: &'static str,
        /// How long to wait.
        wait: std::time::Duration,
    },
    /// All tries failed.
    #[error("{what}: {reason}, {tries} times")]
    GaveUp {
        /// What was asked for.
        what: &'static str,
        /// Why the last try failed.
        reason: String,
        /// How often it was tried.
        tries: usize,
    },
    /// The one who was told wanted no more while a request waited to be sent again.
    #[error("stopped")]
    Cancelled,
    /// There was no answer, and another try would not help.
    #[error("{what}: {reason}")]
    Transport {
        /// What was asked for.
        what: &'static str,
        /// What the transport said.
        reason: String,
    },
    /// An answer is not what it has to be, and another try would not help.
    #[error("{what}: {reason}")]
    Answer {
        /// What was asked for.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An answer repeats a login or key. It is not saved.
    #[error("an answer repeats the session or thread key; it is not saved")]
    Leak,
    /// The key was renewed and is expired again, without a page between.
    #[error("the thread key expired twice without a page between; try again later")]
    KeyExpired,
    /// The folder holds another collection.
    #[error("{}: holds {found}, not {expected}; choose another folder", path.display())]
    OtherCollection {
        /// The folder.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// Another process fetches into the folder.
    #[error("{}: another process fetches into this folder", .0.display())]
    Busy(PathBuf),
    /// A file of the collection is not what it was when it was saved.
    #[error("{}: {reason}; fetch again to repair it", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What a `reasonCode` of the watch call means.
fn reason_text(reason: &Option<String>) -> String {
    let text = match reason.as_deref() {
        Some("HIDDEN_VIDEO") => "it is hidden or deleted",
        Some("PREMIUM_ONLY") => "it is for Premium members",
        Some("CHANNEL_MEMBER_ONLY") => "it is for members of its channel",
        Some("PPV_VIDEO") => "it has to be paid for",
        Some("DOMESTIC_VIDEO") => "it is shown in Japan only",
        Some("HARMFUL_VIDEO") => "it is marked as sensitive; log in and confirm that on the site",
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
