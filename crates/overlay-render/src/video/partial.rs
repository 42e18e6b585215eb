//! Outputs that are whole or absent.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;

/// Where a file or a folder is made until it is whole: under its own name, in a hidden folder
/// beside where it will stand.
///
/// FFmpeg writes by name, goes back in what it wrote and reads it again, so that a file without a
/// name, as crates for whole files give it, does not serve. A name of its own in a folder of its
/// own keeps the ending, which tells the container, and the mode that the system gives new files.
pub(super) struct Partial {
    target: PathBuf,
    folder: TempDir,
}

impl Partial {
    /// A place for what will stand at `target`. It goes away with all that is in it unless it is
    /// [put in place](Self::put_in_place).
    pub(super) fn new(target: &Path) -> Result<Self, Error> {
        let beside = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = tempfile::Builder::new()
            .prefix(".partial-")
            .tempdir_in(beside)
            .map_err(|source| Error::write(target, source))?;
        Ok(Self {
            target: target.to_owned(),
            folder,
        })
    }

    /// The name to write to.
    pub(super) fn path(&self) -> PathBuf {
        self.folder
            .path()
            .join(self.target.file_name().unwrap_or_default())
    }

    /// Moves what was written to where it belongs, in place of a file or an empty folder. Of a file
    /// the contents are on the disk before.
    pub(super) fn put_in_place(self) -> Result<(), Error> {
        let written = self.path();
        let moved = || {
            if written.is_file() {
                File::open(&written)?.sync_all()?;
            } else if self.target.exists() {
                fs::remove_dir(&self.target)?; // empty, or it fails
            }
            fs::rename(&written, &self.target)
        };
        moved().map_err(|source| Error::write(&self.target, source))
    }
}
