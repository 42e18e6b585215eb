use std::{fs, io, path::Path, time::SystemTime};

/// By what a file is told from another one at its place, and from itself after it was written to,
/// without reading it: its size, when it was modified, and its number where files have one.
///
/// ```
/// use std::fs;
///
/// use folder_lock::FileMark;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("video.mp4");
/// fs::write(&path, "pictures")?;
/// let before = FileMark::of(&path)?;
/// // … it is read for long …
/// assert!(before.is_of(&path));
/// fs::write(&path, "others")?;
/// assert!(!before.is_of(&path));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMark {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device and number of the file, where there are such.
    place: Option<(u64, u64)>,
}

impl FileMark {
    /// The mark of the file that stands there now.
    ///
    /// # Errors
    ///
    /// If the system does not tell of it, as where there is none.
    pub fn of(path: impl AsRef<Path>) -> io::Result<Self> {
        let about = fs::metadata(path)?;
        Ok(Self {
            bytes: about.len(),
            modified: about.modified().ok(),
            place: place(&about),
        })
    }

    /// Whether the file that stands there now has this mark; false if there is none.
    #[must_use]
    pub fn is_of(&self, path: impl AsRef<Path>) -> bool {
        Self::of(path).is_ok_and(|now| now == *self)
    }
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems have no such numbers"
)]
fn place(about: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn place(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn another_file_more_bytes_and_none_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
        fs::write(&path, "pictures").unwrap();
        let before = FileMark::of(&path).unwrap();
        assert!(before.is_of(&path));

        fs::write(&other, "PICTURES").unwrap(); // as long
        fs::rename(&other, &path).unwrap();
        assert!(!before.is_of(&path));

        let before = FileMark::of(&path).unwrap();
        fs::write(&path, "PICT").unwrap();
        assert!(!before.is_of(&path));

        let before = FileMark::of(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!before.is_of(&path));
        assert!(FileMark::of(&path).is_err());
    }
}
