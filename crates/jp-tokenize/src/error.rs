use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::identity::Checksum;

/// An error of this crate: a file, a dictionary, a vocabulary or an option that will not do.
///
/// The message names the file and the place in it; [`source`](std::error::Error::source) has the
/// cause where there is one, which the message does not repeat.
///
/// ```
/// use std::error::Error as _;
/// use jp_tokenize::{Error, Vocabulary};
///
/// let error = Vocabulary::load("no/such/vocabulary.tsv").unwrap_err();
/// assert!(matches!(error, Error::Io { .. }));
/// assert_eq!(error.to_string(), "no/such/vocabulary.tsv: cannot read");
/// assert!(error.source().is_some()); // "No such file or directory (os error 2)"
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: cannot {action}", path.display())]
    #[non_exhaustive]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, such as "read".
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A reader that is no named file failed.
    #[error("cannot read on")]
    Read(#[source] io::Error),
    /// A vocabulary file has a line that [`Vocabulary::save`](crate::Vocabulary::save) does not
    /// write.
    #[error("{}: line {line}: {kind}", Name(path.as_deref()))]
    #[non_exhaustive]
    Vocabulary {
        /// The file, where it was read by name.
        path: Option<PathBuf>,
        /// The line, from 1.
        line: u64,
        /// What was wrong.
        kind: VocabularyErrorKind,
    },
    /// A file of pieces is not what [`Pieces::save`](crate::Pieces::save) writes.
    #[error("{}: {kind}", PiecesName(path.as_deref()))]
    #[non_exhaustive]
    Pieces {
        /// The file, where it was read by name.
        path: Option<PathBuf>,
        /// What was wrong.
        kind: PiecesErrorKind,
        /// What the reader of JSON said, where it was it that refused.
        source: Option<serde_json::Error>,
    },
    /// No dictionary is installed: none of the usual folders has a MeCab dictionary's sources.
    #[error(
        "no MeCab dictionary's sources in any of the usual folders ({})",
        Folders(searched)
    )]
    #[non_exhaustive]
    NoDictionary {
        /// The folders that were looked at.
        searched: Vec<PathBuf>,
    },
    /// A dictionary, compiled or not, or a user lexicon is incomplete or malformed.
    #[error("{}: {kind}", path.display())]
    #[non_exhaustive]
    Dictionary {
        /// The file or folder at fault.
        path: PathBuf,
        /// What was wrong.
        kind: DictionaryErrorKind,
        /// What the decoder or the compiler said, where it was one of them that refused.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// An option is out of its range.
    #[error("{option} is {value}, expected {least} to {most}")]
    #[non_exhaustive]
    OutOfRange {
        /// The option's name, that of a field.
        option: &'static str,
        /// Its value.
        value: usize,
        /// The least value allowed.
        least: usize,
        /// The greatest value allowed.
        most: usize,
    },
}

/// The kind of error in a line of a vocabulary file.
///
/// ```
/// use jp_tokenize::{Error, Vocabulary, VocabularyErrorKind};
///
/// let error = Vocabulary::read("<pad>\tmany\t*\n".as_bytes()).unwrap_err();
/// let Error::Vocabulary { line, kind, .. } = error else { panic!("{error}") };
/// assert_eq!(line, 1);
/// assert!(matches!(kind, VocabularyErrorKind::Count(text) if text == "many"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
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
}

/// The kind of error in a file of pieces.
///
/// ```
/// use jp_tokenize::{Error, Pieces, PiecesErrorKind};
///
/// let file = r#"{"format": "jp-tokenize pieces", "version": 1, "normalizer": {}, "pieces": [""]}"#;
/// let error = Pieces::read(file.as_bytes()).unwrap_err();
/// let Error::Pieces { kind, .. } = error else { panic!("{error}") };
/// assert_eq!(kind, PiecesErrorKind::Empty(260));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PiecesErrorKind {
    /// The file is no JSON, or not that of pieces; the error's source has where.
    #[error("not a vocabulary of pieces")]
    Malformed,
    /// The file is of another format. Holds what it calls itself.
    #[error("the format is {0:?}, expected \"jp-tokenize pieces\"")]
    Format(String),
    /// The file was written by a newer program. Holds its version.
    #[error("version {0}, expected 1")]
    Version(u32),
    /// The file is larger than any vocabulary's. Holds the limit in bytes.
    #[error("larger than {0} bytes: this is not a vocabulary of pieces")]
    TooLarge(u64),
    /// There are more pieces than any vocabulary has. Holds the limit.
    #[error("more than {0} pieces: this is not a vocabulary of pieces")]
    TooMany(usize),
    /// A piece is empty. Holds its id.
    #[error("the piece of id {0} is empty")]
    Empty(u32),
    /// A piece is longer than any may be. Holds its id and the limit in characters.
    #[error("the piece of id {0} is longer than {1} characters")]
    TooLong(u32, usize),
    /// A piece stands there twice. Holds it.
    #[error("the piece {0:?} stands there twice")]
    Duplicate(String),
    /// A piece is spelt like a special word or the name of a byte. Holds it.
    #[error("the piece {0:?} is the name of a special word or of a byte")]
    Reserved(String),
}

/// The kind of error in a dictionary or a user lexicon.
///
/// ```
/// use jp_tokenize::{Dictionary, DictionaryErrorKind, Error};
///
/// let char = "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n";
/// let error = Dictionary::from_sources("草,0,0,10,名詞\n", "1 1\n0 0 0\n", char, "").unwrap_err();
/// let Error::Dictionary { path, kind, .. } = error else { panic!("{error}") };
/// assert_eq!(path.to_str(), Some("unk.def"));
/// assert!(matches!(kind, DictionaryErrorKind::Malformed { .. }));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DictionaryErrorKind {
    /// The folder has no words: it is not one with a MeCab dictionary's sources, which is needed
    /// rather than what MeCab compiled from them.
    #[error("no .csv file in this folder, so not the sources of a MeCab dictionary")]
    NoSources,
    /// A source or a user lexicon is in no encoding that is read.
    #[error("neither UTF-8, EUC-JP nor Shift_JIS")]
    Encoding,
    /// A source or a user lexicon is not in the encoding that its byte-order mark says. Holds the
    /// encoding's name.
    #[error("not {0}, as its byte-order mark says")]
    Undecodable(&'static str),
    /// The file is larger than any dictionary. Holds the limit in bytes.
    #[error("larger than {0} bytes, as no dictionary is")]
    TooLarge(u64),
    /// `char.def` does not say which characters are spaces.
    #[error("no category SPACE")]
    NoSpace,
    /// A source is not in the form that MeCab describes.
    #[error("{}{reason}", Line(*line))]
    #[non_exhaustive]
    Malformed {
        /// The line, from 1, where it is one that is at fault.
        line: Option<u64>,
        /// What stood there and what was expected, for people to read.
        reason: String,
    },
    /// The sources are in form, but vibrato does not compile them; the error's source has why.
    #[error("vibrato cannot compile it")]
    Refused,
    /// The file is not the one that was asked for.
    #[error("the SHA-256 is {found}, expected {expected}")]
    #[non_exhaustive]
    Checksum {
        /// The SHA-256 that was given.
        expected: String,
        /// That of the file.
        found: String,
    },
    /// The file is compressed with zstd, which takes the feature `zstd` to read.
    #[error("compressed with zstd, for which this program was built without a decoder")]
    Compressed,
    /// The file's connection costs are compact, which is not supported.
    #[error("its connection costs are compact, which is not supported")]
    CompactCosts,
    /// The file holds a user lexicon too. It is added by
    /// [`Dictionary::with_user_lexicon`](crate::Dictionary::with_user_lexicon) instead.
    #[error("it holds a user lexicon, which is not supported")]
    UserLexiconInside,
    /// The file is damaged or no dictionary that vibrato 0.5 compiled.
    #[error("not a whole dictionary of vibrato 0.5: {0}")]
    Damaged(String),
}

/// An error of a text that is no [`Checksum`]: not 64 hexadecimal digits. Holds how it begins.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no SHA-256, expected 64 hexadecimal digits")]
pub struct NoChecksum(pub String);

/// An error of a [`UserLexicon`](crate::UserLexicon) that is not the one that was recorded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the user lexicon's SHA-256 is {found}, expected {expected}")]
#[non_exhaustive]
pub struct WrongUserLexicon {
    /// The checksum that was recorded.
    pub expected: Checksum,
    /// That of the entries.
    pub found: Checksum,
}

impl Error {
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path,
            action,
            source,
        }
    }

    pub(crate) fn dictionary(path: &Path, kind: DictionaryErrorKind) -> Self {
        Self::Dictionary {
            path: path.to_owned(),
            kind,
            source: None,
        }
    }

    pub(crate) fn dictionary_because(
        path: &Path,
        kind: DictionaryErrorKind,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Dictionary {
            path: path.to_owned(),
            kind,
            source: Some(Box::new(source)),
        }
    }
}

impl DictionaryErrorKind {
    pub(crate) fn malformed(line: impl Into<Option<u64>>, reason: impl Into<String>) -> Self {
        Self::Malformed {
            line: line.into(),
            reason: reason.into(),
        }
    }
}

/// Shows a file's name, or that there is none.
struct Name<'a>(Option<&'a Path>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}", path.display()),
            None => f.write_str("vocabulary"),
        }
    }
}

/// Shows the name of a file of pieces, or that there is none.
struct PiecesName<'a>(Option<&'a Path>);

impl fmt::Display for PiecesName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}", path.display()),
            None => f.write_str("pieces"),
        }
    }
}

/// Shows the number of a line, or nothing.
struct Line(Option<u64>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, "line {line}: "))
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
