//! Outputs that are whole or absent.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;

/// How names of the folders begin in which outputs are made.
const PREFIX: &str = ".partial-";

/// Where a file or a folder is made until it is whole: under its own name, in a hidden folder
/// beside where it will stand.
///
/// FFmpeg writes by name, goes back in what it wrote and reads it again, so that a file without a
/// name, as crates for whole files give it, does not serve. A name of its own in a folder of its
/// own keeps the ending, which tells the container, and the mode that the system gives new files.
pub(super) struct Partial {
    target: PathBuf,
    folder: TempDir,
    /// Says that a program writes into the folder, as long as that runs; nothing where there are no
    /// locks on folders.
    _lock: Option<File>,
}

impl Partial {
    /// A place for what will stand at `target`. It goes away with all that is in it unless it is
    /// [put in place](Self::put_in_place). What killed programs left of it goes away now.
    pub(super) fn new(target: &Path) -> Result<Self, Error> {
        let beside = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        remove_leftovers(beside, target);
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(beside)
            .map_err(|source| Error::write(target, source))?;
        Ok(Self {
            target: target.to_owned(),
            _lock: lock(folder.path()),
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

/// Removes the folders beside `target` in which programs were making it that no longer run. What
/// cannot be removed stays: it is in nobody's way.
fn remove_leftovers(beside: &Path, target: &Path) {
    for folder in entries(beside) {
        let name = folder.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(|name| name.starts_with(PREFIX)) {
            continue;
        }
        // An empty one may be another program's that has yet to lock it.
        let made = entries(&folder);
        let is_ours =
            !made.is_empty() && made.iter().all(|it| it.file_name() == target.file_name());
        if is_ours && lock(&folder).is_some() {
            let _it_may_stay = fs::remove_dir_all(&folder);
        }
    }
}

/// What is in a folder; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

/// Locks a folder, if no other program has locked it and there are such locks.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.try_lock().ok()?;
    Some(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_killed_programs_left_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.mp4");
        let running = Partial::new(&target).unwrap();
        fs::write(running.path(), "half").unwrap();
        let left = |name: &str, file: &str| {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(file), "half").unwrap();
            folder
        };
        let killed = left(".partial-a8Xn2s", "out.mp4");
        let kept = [
            left(".partial-Zz09aa", "other.mp4"),
            left("partial-a8Xn2s", "out.mp4"),
        ];
        let again = Partial::new(&target).unwrap();
        assert!(!killed.exists());
        assert!(kept.iter().all(|folder| folder.exists()));
        assert!(running.path().exists(), "a program writes it");
        fs::write(again.path(), "whole").unwrap();
        again.put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "whole");
        drop(running);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
