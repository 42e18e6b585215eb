use std::path::{Path, PathBuf};

use nico_comments::{Format, WriteError};

/// Why another program brought no comments.
///
/// ```
/// use nico_fetch::{DownloadError, Downloader};
///
/// let folder = tempfile::tempdir()?;
/// let error = Downloader::new("/no/such/program").run(&"sm9".parse()?, folder.path()).unwrap_err();
/// assert!(matches!(error, DownloadError::Start { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The program cannot be run.
    #[error("{program}: cannot be run: {error}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The program failed.
    #[error("{program}: failed ({status}): {said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The end of what it said on standard error.
        said: String,
    },
    /// The program was stopped.
    #[error("{program}: took longer than {seconds} s and was stopped: {said}")]
    TooLong {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
        /// The end of what it said on standard error.
        said: String,
    },
    /// The program left nothing that can be read.
    #[error("{program}: left no comment file in {}; does its command name {{out}}?", out.display())]
    NoFile {
        /// The program.
        program: String,
        /// The folder.
        out: PathBuf,
    },
    /// The program left more files than are looked at.
    #[error("{}: holds too many files", .0.display())]
    TooMany(PathBuf),
    /// Collections are not written in this format.
    #[error("collections are written as xml or v1-json, not as {0}")]
    Format(Format),
    /// A file of the program cannot be read to its end.
    #[error(transparent)]
    Read(nico_comments::Error),
    /// The collection could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl DownloadError {
    pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}
