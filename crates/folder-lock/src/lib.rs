//! One writer of a folder at a time, and what killed ones left in it; files that are whole or
//! absent ([`WholeFile`]); whether a file is still the one that was opened ([`FileMark`]).
//!
//! What is locked is the folder itself, so that nothing is left in it. The lock ends with the
//! program, however that ends. Where a system or a file system has no locks on folders (Windows),
//! there is none, and all goes on as without one.
//!
//! # Example
//!
//! ```
//! use folder_lock::{Error, FolderLock};
//!
//! # let parent = tempfile::tempdir().expect("a folder");
//! # let folder = parent.path().join("model");
//! let lock = FolderLock::acquire(&folder)?; // makes it
//! lock.remove_leftovers(|name| name == "config.json"); // .config.json.a8Xn2s of a killed program
//! # #[cfg(unix)]
//! assert!(matches!(FolderLock::acquire(&folder), Err(Error::Busy { .. })));
//! drop(lock);
//! FolderLock::acquire(&folder)?;
//! # Ok::<(), Error>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod file_mark;
mod whole_file;

use std::{
    fs::{self, DirEntry, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

pub use file_mark::FileMark;
pub use whole_file::{WholeFile, write_whole};

/// Why a folder could not be locked. There is nothing else that can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program, or another part of this one, writes into it.
    #[error("{}: another program is writing into this folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be made, or not be opened.
    #[error("cannot make or open the folder {}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How often a folder is made anew that another program removes before it is locked.
const MAX_TRIES: u32 = 100;

/// Exclusive right to write into a folder; ends when it is dropped, and with the program.
#[derive(Debug)]
#[must_use = "the folder is free again when this is dropped"]
pub struct FolderLock {
    path: PathBuf,
    /// Nothing where there are no locks on folders.
    _folder: Option<File>,
}

impl FolderLock {
    /// Makes the folder, if it is not there, and locks it.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another one has it, [`Error::Io`] if it cannot be made or, on Unix, not
    /// be opened, without which nothing would keep others out.
    pub fn acquire(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let path = folder.as_ref();
        let with = |folder| Self {
            path: path.to_owned(),
            _folder: folder,
        };
        let failed = |source| Error::Io {
            folder: path.to_owned(),
            source,
        };
        let mut tries = 0;
        loop {
            fs::create_dir_all(path).map_err(failed)?;
            let file = match File::open(path) {
                Ok(file) => file,
                // Another program removed it in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < MAX_TRIES => {
                    tries += 1;
                    continue;
                }
                Err(error) if cfg!(unix) => return Err(failed(error)),
                Err(_) => return Ok(with(None)), // a system that opens no folders
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Busy {
                        folder: path.to_owned(),
                    });
                }
                Err(TryLockError::Error(_)) => return Ok(with(None)),
            }
            // Another program may have removed the folder between opening and locking it: what is
            // locked then is no longer what stands at the path.
            // Where files change their numbers all the time, nobody can tell.
            tries += 1;
            if is_at(&file, path) || tries > MAX_TRIES {
                return Ok(with(Some(file)));
            }
        }
    }

    /// Removes the files of killed programs that were to become files that are `ours`, by their
    /// names ([`leftover_of`]). What cannot be removed stays: it is in nobody's way.
    pub fn remove_leftovers(&self, ours: impl Fn(&str) -> bool) {
        self.remove_leftovers_in("", ours);
    }

    /// [`remove_leftovers`](Self::remove_leftovers) in a folder of the folder.
    pub fn remove_leftovers_in(&self, part: impl AsRef<Path>, ours: impl Fn(&str) -> bool) {
        for entry in entries(&self.path.join(part)) {
            if entry
                .file_name()
                .to_str()
                .and_then(leftover_of)
                .is_some_and(&ours)
            {
                let _it_may_stay = fs::remove_file(entry.path());
            }
        }
    }
}

/// The name that an unfinished file was to get: those of [`WholeFile`], and of the crate
/// `atomic-write-file`, are called by a dot, the name, a dot and six letters or digits at random.
/// `None` for other files, an editor's among them, and for those that end in a word or a date of
/// six: one in a hundred of the random ones does too, and stays.
///
/// ```
/// use folder_lock::leftover_of;
///
/// assert_eq!(leftover_of(".config.json.a8Xn2s"), Some("config.json"));
/// assert_eq!(leftover_of("config.json"), None);
/// assert_eq!(leftover_of(".config.json.swp"), None);
/// assert_eq!(leftover_of(".config.json.backup"), None);
/// ```
#[must_use]
pub fn leftover_of(name: &str) -> Option<&str> {
    let (name, letters) = name.strip_prefix('.')?.rsplit_once('.')?;
    let has = |is_of: fn(&u8) -> bool| letters.as_bytes().iter().any(is_of);
    let kinds = [
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_digit),
    ];
    let is_mixed = kinds.into_iter().filter(|&has_it| has_it).count() >= 2;
    let is_theirs = letters.len() == 6 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_theirs && is_mixed).then_some(name)
}

/// What is in a folder; nothing if it cannot be read.
fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok)
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

#[cfg(all(test, unix))]
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
        fs::create_dir(folder.path().join("part")).unwrap();
        let left = [".config.json.a8Xn2s", "part/.config.json.Zz09aa"];
        let kept = [
            "config.json",
            ".notes.txt.a8Xn2s",
            ".config.json",
            ".config.json.swp",     // an editor's
            ".config.json.a8Xn2s~", // and its copy
            ".config.json.backup",
            ".config.json.202612",
            "part/config.json",
        ];
        for name in left.iter().chain(&kept) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let lock = FolderLock::acquire(folder.path()).unwrap();
        lock.remove_leftovers(|name| name == "config.json");
        lock.remove_leftovers_in("part", |name| name == "config.json");
        assert!(left.iter().all(|name| !folder.path().join(name).exists()));
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
    }

    #[test]
    fn what_cannot_be_made_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = FolderLock::acquire(&file).unwrap_err();
        assert!(
            matches!(&error, Error::Io { folder, .. } if *folder == file),
            "{error}"
        );
    }

    /// Without an open folder nothing would keep others out.
    #[test]
    fn what_cannot_be_opened_is_told() {
        // To make it is nothing to do, and to open it finds nothing.
        let error = FolderLock::acquire("").unwrap_err();
        assert!(
            matches!(&error, Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound),
            "{error}"
        );
    }
}
