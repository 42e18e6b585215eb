use std::{io, path::PathBuf};

/// Why the commands of a page are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A page cannot be read, or a folder of pages.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The page or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A quotation mark or backslash of a command has no other end.
    #[error("{page}:{line}: a quotation does not end")]
    Quotation {
        /// The page.
        page: String,
        /// The line of the command, from 1.
        line: usize,
        /// What was found.
        source: shell_words::ParseError,
    },
    /// A comment before a script begins with "run" and is none of the marks.
    #[error(
        "{page}:{line}: {found:?} is no mark, expected \"run by a test\" or \"run by hand YYYY-MM-DD\""
    )]
    Mark {
        /// The page.
        page: String,
        /// The line of the script, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A program cannot be started.
    #[error("{}: cannot be started", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
