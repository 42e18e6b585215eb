//! One writer of a folder at a time, and what killed ones left in it.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use crate::error::Error;

/// Keeps other programs out of a folder until it is dropped or the program ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    /// None where the system cannot lock a folder.
    _file: Option<File>,
}

/// Locks a folder that exists.
///
/// What is locked is the folder itself, so that nothing is left in it; where a system or a file
/// system cannot do that, there is no lock.
pub(crate) fn lock(folder: &Path) -> Result<FolderLock, Error> {
    let Ok(file) = File::open(folder) else {
        return Ok(FolderLock { _file: None });
    };
    let _file = match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock) => {
            return Err(Error::Busy {
                folder: folder.to_owned(),
            });
        }
        Err(TryLockError::Error(_)) => None,
    };
    Ok(FolderLock { _file })
}

/// Removes the files of killed programs that were to become files of these names: `atomic-write-file`
/// calls them by a dot, the name, a dot and some letters; a video is made under its own name in a
/// hidden folder. What cannot be removed stays. Only for the program that has the folder's lock.
pub(crate) fn remove_leftovers(folder: &Path, is_ours: impl Fn(&str) -> bool) {
    for entry in entries(folder) {
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix('.')) else {
            continue;
        };
        if name.starts_with(PARTIAL) {
            let mut files = entries(&path).into_iter().peekable();
            let is_ours = |file: fs::DirEntry| file.file_name().to_str().is_some_and(&is_ours);
            if files.peek().is_some() && files.all(is_ours) {
                let _it_may_stay = fs::remove_dir_all(path);
            }
        } else if name.rsplit_once('.').is_some_and(|(name, _)| is_ours(name)) {
            let _it_may_stay = fs::remove_file(path);
        }
    }
}

/// How names of the folders begin, after the dot, in which `overlay-render` makes videos.
const PARTIAL: &str = "partial-";

/// What is in a folder; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<fs::DirEntry> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).collect()
}
