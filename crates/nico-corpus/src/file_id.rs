use std::{fmt, path::Path};

use frame_features::VideoSource;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Digits of a checksum that people are shown.
const DIGITS: usize = 12;

/// A file by its contents: what it is called does not count.
///
/// ```
/// use nico_corpus::FileId;
///
/// let folder = tempfile::tempdir()?;
/// let (path, moved) = (folder.path().join("a.xml"), folder.path().join("b.xml"));
/// std::fs::write(&path, "草")?;
/// let file = FileId::read(&path)?;
/// std::fs::rename(&path, &moved)?;
/// assert_eq!(FileId::read(&moved)?, file);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)] // a structure with more than these fields is no file
#[non_exhaustive]
pub struct FileId {
    /// Its path when it was read, for people.
    pub name: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}

impl FileId {
    /// A file of this name whose checksum is known.
    #[must_use]
    pub fn new(name: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sha256: sha256.into(),
        }
    }

    /// Reads a file whole for its checksum.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let found = VideoSource::read(path)?; // a checksum of any file
        Ok(Self::new(path.display().to_string(), found.sha256))
    }
}

impl PartialEq for FileId {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, sha256 } = self;
        let digits = sha256.get(..DIGITS).unwrap_or(sha256);
        write!(f, "{name} ({digits}…)")
    }
}
