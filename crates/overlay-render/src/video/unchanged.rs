//! Whether a file is still the one that reading began with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failure;
use crate::error::Error;
use crate::problem::InputProblem;

/// A file as it was when reading began. A video is opened twice, for its pictures and for
/// everything else, and read for long: what was read is of one file only as long as
/// [`check`](Self::check) passes afterwards.
#[derive(Debug)]
pub(super) struct Unchanged {
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
    pub(super) fn new(path: &Path) -> Result<Self, Error> {
        let mark = mark(path).map_err(|source| Error::read(path, source))?;
        Ok(Self {
            path: path.to_path_buf(),
            mark,
        })
    }

    /// Fails if another file stands there now, if it was written to, and if it is gone.
    pub(super) fn check(&self) -> Result<(), Error> {
        match mark(&self.path) {
            Ok(now) if now == self.mark => Ok(()),
            _ => Err(failure::input(&self.path, InputProblem::Changed)),
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
