//! One writer of a folder at a time.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use crate::error::Error;

/// Files of a model folder that are written under another name first.
const FILES: [&str; 10] = [
    "config.json",
    "model.safetensors",
    "vocabulary.tsv",
    "rate.json",
    "rate-fitted.json",
    "encoder.safetensors",
    "training.jsonl",
    "steps.jsonl",
    "split.json",
    "learnt-with.json",
];

/// Exclusive right to write into a model folder, given by
/// [`ModelFolder::lock`](crate::ModelFolder::lock); ends when it is dropped, and with the program.
#[derive(Debug)]
#[must_use = "the folder is free again when this is dropped"]
pub struct FolderLock {
    /// Nothing where the file system has no locks.
    _folder: Option<File>,
}

impl FolderLock {
    /// Locks the folder itself, so that nothing is left in it, and removes what killed programs
    /// have left half written.
    pub(crate) fn acquire(folder: &Path) -> Result<Self, Error> {
        loop {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
            let Ok(file) = File::open(folder) else {
                return Ok(Self { _folder: None }); // a system that opens no folders
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Busy {
                        folder: folder.to_owned(),
                    });
                }
                Err(TryLockError::Error(_)) => return Ok(Self { _folder: None }),
            }
            // Another program may have removed the folder between opening and locking it: what is
            // locked then is no longer what stands at the path.
            if is_at(&file, folder) {
                remove_leftovers(folder);
                return Ok(Self {
                    _folder: Some(file),
                });
            }
        }
    }
}

/// Whether the open folder is the one that stands at the path.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |about: fs::Metadata| (about.dev(), about.ino());
        let (held, there) = (file.metadata().map(place), fs::metadata(path).map(place));
        matches!((held, there), (Ok(held), Ok(there)) if held == there)
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// Removes files that were not written to their end. What cannot be removed stays: it is in
/// nobody's way.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_leftover) {
            let _it_may_stay = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is called as `atomic-write-file` calls those that are to become a model folder's:
/// a dot, the name, a dot and some letters.
fn is_leftover(name: &str) -> bool {
    let temporary = name.strip_prefix('.').and_then(|it| it.rsplit_once('.'));
    temporary.is_some_and(|(name, _)| FILES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_at_a_time_writes_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("model");
        let first = FolderLock::acquire(&folder).unwrap();
        let error = FolderLock::acquire(&folder).unwrap_err();
        assert!(matches!(&error, Error::Busy { folder: busy } if *busy == folder));
        assert!(error.to_string().contains("model"), "{error}");
        drop(first);
        let _again = FolderLock::acquire(&folder).unwrap();
    }

    /// A folder that is removed and made anew is another one: who waited for the old one has
    /// nothing.
    #[test]
    fn a_folder_that_was_made_anew_is_another_one() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("model");
        let old = FolderLock::acquire(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let _new = FolderLock::acquire(&folder).unwrap();
        assert!(!is_at(old._folder.as_ref().unwrap(), &folder));
    }

    #[test]
    fn what_was_left_half_written_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let left = [".config.json.a8Xn2s", ".model.safetensors.Zz09aa"];
        let kept = ["config.json", ".notes.txt.a8Xn2s", ".config.json"];
        for name in left.iter().chain(&kept) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let _lock = FolderLock::acquire(folder.path()).unwrap();
        assert!(left.iter().all(|name| !folder.path().join(name).exists()));
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
    }
}
