//! Files that appear whole or not at all.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Error;

/// How the names of files begin that are not whole yet.
const PARTIAL: &str = ".partial-";

/// Keeps other programs out of a folder until the file is dropped or the program ends. What is locked is the folder itself, so
/// that nothing is left in it; systems and file systems where that cannot be done have no lock: `None`.
pub(crate) fn lock(folder: &Path) -> Result<Option<File>, Error> {
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

/// Removes what killed programs have left half written in a folder. What cannot be removed stays:
/// it is in nobody's way.
pub(crate) fn remove_partial(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PARTIAL.as_bytes())
        {
            let _it_may_stay = std::fs::remove_file(entry.path());
        }
    }
}

/// Writes a file under a temporary name in the same folder, flushes it to the disk and renames it.
pub(crate) fn whole(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || {
        let mut file = NamedTempFile::with_prefix_in(PARTIAL, folder)?;
        fill(file.as_file_mut())?;
        file.flush()?;
        file.as_file().sync_all()?;
        open_to_all(file.as_file())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(Error::io("write", path))
}

/// Temporary files are their owner's only; what they become is an ordinary file.
#[cfg(unix)]
fn open_to_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_all(_: &File) -> io::Result<()> {
    Ok(())
}
