//! Files that are whole or absent.

use std::path::Path;

use crate::error::Error;

/// Writes a file, whole or not at all, with the mode that the umask gives.
pub(crate) fn write_atomic(path: &Path, contents: &[u8]) -> Result<(), Error> {
    folder_lock::write_whole(path, |out| out.write_all(contents)).map_err(Error::io(path))
}
