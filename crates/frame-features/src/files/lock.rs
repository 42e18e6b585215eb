//! One writer of a folder at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::Error;

/// Keeps other programs out of a folder until the file is dropped or the program ends.
///
/// What is locked is the folder itself, so that nothing is left in it; systems and file systems
/// where that cannot be done have no lock: `None`.
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
