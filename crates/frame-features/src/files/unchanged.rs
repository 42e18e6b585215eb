//! Whether a file is still the one that reading began with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::Error;

/// A file as it was when reading began. A video is opened more than once, for its checksum and for
/// its pictures, and read for long: what was read is of one file only as long as
/// [`check`](Self::check) passes afterwards.
#[derive(Debug)]
pub(crate) struct Unchanged {
    path: PathBuf,
    mark: Mark,
}

/// What another file, and a file that was written to, differs in.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device and number of the file, where there are such.
    place: Option<(u64, u64)>,
}

impl Unchanged {
    /// Looks at a file before it is read.
    pub(crate) fn new(path: &Path) -> Result<Self, Error> {
        let mark = mark(path).map_err(Error::io("open", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            mark,
        })
    }

    /// Fails if another file stands there now, if it was written to, and if it is gone.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match mark(&self.path) {
            Ok(now) if now == self.mark => Ok(()),
            _ => Err(Error::Changed {
                path: self.path.clone(),
            }),
        }
    }
}

fn mark(path: &Path) -> std::io::Result<Mark> {
    let about = fs::metadata(path)?;
    Ok(Mark {
        bytes: about.len(),
        modified: about.modified().ok(),
        place: place(&about),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_more_bytes_and_none_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
        fs::write(&path, "pictures").unwrap();
        let before = Unchanged::new(&path).unwrap();
        before.check().unwrap();

        fs::write(&other, "PICTURES").unwrap(); // as long
        fs::rename(&other, &path).unwrap();
        let error = before.check().unwrap_err();
        assert!(matches!(&error, Error::Changed { path: named } if *named == path));
        assert!(error.to_string().contains("a.mp4"), "{error}");

        let before = Unchanged::new(&path).unwrap();
        fs::write(&path, "PICT").unwrap();
        assert!(before.check().is_err());

        let before = Unchanged::new(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(before.check().is_err());
    }
}
