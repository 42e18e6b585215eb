//! A folder that is whole or absent.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use folder_lock::FolderLock;

use crate::error::Error;

/// The folder while it is made; removed again if it is not committed.
pub(super) struct PartialFolder {
    pub(super) path: PathBuf,
    is_committed: bool,
    _lock: FolderLock,
}

impl PartialFolder {
    pub(super) fn begin(folder: &Path) -> Result<Self, Error> {
        let exists = || Error::Exists {
            path: folder.to_owned(),
        };
        match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
            Ok(is_empty) if is_empty => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            _ => return Err(exists()), // something is in it, or it is a file
        }
        let name = folder.file_name().ok_or_else(exists)?.to_string_lossy();
        let path = folder.with_file_name(format!(".{name}.partial"));
        let lock = FolderLock::acquire(&path)?;
        let partial = Self {
            path,
            is_committed: false,
            _lock: lock,
        };
        for entry in fs::read_dir(&partial.path).map_err(Error::io(&partial.path))? {
            let left = entry.map_err(Error::io(&partial.path))?.path();
            let removed = if left.is_dir() {
                fs::remove_dir_all(&left)
            } else {
                fs::remove_file(&left)
            };
            removed.map_err(Error::io(&left))?;
        }
        Ok(partial)
    }

    pub(super) fn commit(mut self, folder: &Path) -> Result<(), Error> {
        if folder.exists() {
            fs::remove_dir(folder).map_err(Error::io(folder))?; // empty, or this fails
        }
        fs::rename(&self.path, folder).map_err(Error::io(folder))?;
        self.is_committed = true;
        Ok(())
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        if !self.is_committed {
            let _it_may_stay = fs::remove_dir_all(&self.path);
        }
    }
}
