use crate::transport::TransportError;

/// What is wrong with an answer, or with a file that an earlier run saved. Holds no text of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is none.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Too many requests: the service wants a wait.
    #[error("too many requests")]
    TooManyRequests,
    /// The server failed, with this status.
    #[error("the server failed (status {0})")]
    Server(u16),
    /// It was cut off.
    #[error("it was cut off")]
    CutOff,
    /// It holds an error message.
    #[error("it holds an error message")]
    ErrorMessage,
    /// The archive has no such channel, or nothing of that time.
    #[error("the archive refuses this channel or time")]
    ArchiveRefuses,
    /// It is not the JSON or XML that was asked for.
    #[error("it is not what was asked for")]
    Malformed,
    /// It holds no threads.
    #[error("it holds no threads")]
    NoThreads,
    /// It holds other threads than the one that was asked for.
    #[error("it does not hold the thread that was asked for")]
    OtherThread,
    /// It names more threads than a video has.
    #[error("it names more threads than a video has")]
    TooManyThreads,
    /// The id or fork of a thread is not what one looks like.
    #[error("the id or fork of a thread is not what one looks like")]
    MalformedThread,
    /// It holds no thread key.
    #[error("it holds no thread key")]
    NoKey,
    /// The file is gone.
    #[error("it is gone")]
    Missing,
    /// The file is not what was saved.
    #[error("it is not what was saved")]
    Changed,
}
