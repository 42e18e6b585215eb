use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a dictionary or a vocabulary could not be read or written.
///
/// Every message names the file, the place in it where there is one, and what to do where something can be done.
///
/// ```
/// use jp_tokenize::{Error, Vocabulary};
///
/// let error = Vocabulary::load("no/such/vocabulary.tsv").unwrap_err();
/// assert!(matches!(error, Error::Io { .. }));
/// assert!(error.to_string().starts_with("no/such/vocabulary.tsv: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: cannot {action}: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, such as "read".
        action: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// A line of a vocabulary file is not as [`Vocabulary::save`](crate::Vocabulary::save) writes it.
    #[error("{}, line {line}: {kind}", Source(path.as_deref()))]
    Vocabulary {
        /// The file, where it was read by name.
        path: Option<PathBuf>,
        /// The line, from 1.
        line: u64,
        /// What was wrong.
        kind: VocabularyErrorKind,
    },
    /// No dictionary sources were found in any of the usual folders.
    #[error(
        "no MeCab dictionary sources found (looked in {}); install them with `apt install mecab-ipadic`, or name the folder that has the .csv files, char.def, unk.def and matrix.def",
        Folders(searched)
    )]
    NoDictionary {
        /// The folders that were looked at.
        searched: Vec<PathBuf>,
    },
    /// A dictionary's sources are incomplete or malformed.
    #[error("{}: {reason}", path.display())]
    Dictionary {
        /// The file or folder at fault.
        path: PathBuf,
        /// What was wrong with it, and what to do.
        reason: String,
    },
}

/// What was wrong with a line of a vocabulary file; more kinds may come.
///
/// ```
/// use jp_tokenize::{Error, Vocabulary, VocabularyErrorKind};
///
/// let error = Vocabulary::read("<pad>\tmany\t*\n".as_bytes()).unwrap_err();
/// let Error::Vocabulary { line, kind, .. } = error else { panic!("{error}") };
/// assert_eq!(line, 1);
/// assert!(matches!(kind, VocabularyErrorKind::Count(text) if text == "many"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VocabularyErrorKind {
    /// The line does not have three columns. Holds how many it has.
    #[error("{0} columns, expected three separated by tabs: word, count, part of speech")]
    Columns(usize),
    /// The count is not a non-negative integer. Holds what stood there.
    #[error("the count is {0:?}, expected a non-negative integer")]
    Count(String),
    /// A backslash that no escape follows.
    #[error("the word has a lone backslash, expected \\\\, \\t, \\n or \\r")]
    Escape,
    /// The word is empty.
    #[error("the word is empty")]
    Empty,
    /// The word stands on an earlier line too.
    #[error("the word {0:?} stands on an earlier line too")]
    Duplicate(String),
    /// One of the first four lines does not hold its special word. Holds the word expected.
    #[error("expected the special word {0}")]
    Special(&'static str),
    /// The line is longer than any vocabulary's. Holds the limit in bytes.
    #[error("longer than {0} bytes: this is not a vocabulary")]
    TooLong(usize),
    /// There are more lines than any vocabulary has. Holds the limit.
    #[error("more than {0} words: this is not a vocabulary")]
    TooMany(usize),
    /// The line is not UTF-8.
    #[error("not UTF-8")]
    Utf8,
    /// The file ends within a line.
    #[error("the file ends within this line: it is incomplete")]
    Truncated,
    /// The source failed.
    #[error("cannot read on: {0}")]
    Io(io::Error),
}

impl Error {
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io {
            path,
            action,
            cause,
        }
    }

    pub(crate) fn dictionary(path: &Path, reason: impl Into<String>) -> Self {
        Self::Dictionary {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Shows a file's name, or that there is none.
struct Source<'a>(Option<&'a Path>);

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}", path.display()),
            None => f.write_str("vocabulary"),
        }
    }
}

/// Shows folders, separated by commas.
struct Folders<'a>(&'a [PathBuf]);

impl fmt::Display for Folders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, folder) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{}", folder.display())?;
        }
        Ok(())
    }
}
