//! Files that are whole or absent.

use std::{io::Write, path::Path};

use atomic_write_file::AtomicWriteFile;

use crate::error::Error;

/// Writes a file, whole or not at all, with the mode that the umask gives.
pub(crate) fn write_atomic(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut options = AtomicWriteFile::options();
        #[cfg(unix)]
        {
            use atomic_write_file::unix::OpenOptionsExt;
            options.preserve_mode(false).preserve_owner(false);
        }
        let mut file = options.open(path)?;
        file.write_all(contents)?;
        file.commit()
    };
    write().map_err(Error::io(path))
}
