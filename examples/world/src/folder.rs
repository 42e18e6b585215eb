//! One writer of a folder at a time, and what killed ones left in it.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::Error;

/// Makes a folder and keeps other programs out of it until the file is dropped or the program ends.
///
/// What is locked is the folder itself, so that nothing is left in it; where a system or a file
/// system cannot do that, there is no lock.
pub(crate) fn lock(folder: &Path) -> Result<Option<File>, Error> {
    fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    let Ok(file) = File::open(folder) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Removes files, and what killed programs left of them: `atomic-write-file` calls those that are
/// not whole by a dot, the name, a dot and some letters.
pub(crate) fn remove(folder: &Path, names: &[&str]) -> Result<(), Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|source| Error::io(folder, source))?,
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let temporary = name.strip_prefix('.').and_then(|it| it.rsplit_once('.'));
        let of = temporary.map_or(name, |(of, _)| of);
        if names.contains(&of) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|source| Error::io(&path, source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_at_a_time_writes_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("world");
        let first = lock(&folder).unwrap();
        let error = lock(&folder).unwrap_err();
        assert!(matches!(&error, Error::Busy { folder: busy } if *busy == folder));
        drop(first);
        lock(&folder).unwrap();
    }

    #[test]
    fn files_go_with_their_leftovers_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "").unwrap();
        let gone = ["video.mp4", ".video.mp4.a8Xn2s"];
        let kept = ["notes.txt", ".notes.txt.a8Xn2s", "video.mp4.txt"];
        gone.iter().chain(&kept).for_each(|name| write(name));
        remove(folder.path(), &["video.mp4"]).unwrap();
        assert!(gone.iter().all(|name| !folder.path().join(name).exists()));
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
        remove(&folder.path().join("none"), &["video.mp4"]).unwrap();
    }
}
