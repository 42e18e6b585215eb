use std::io::{self, Write};
use std::path::Path;

use crate::Error;

/// Writes a file through a buffer; it is afterwards either whole or as it was before.
pub(crate) fn write_atomic(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    folder_lock::write_whole(path, write).map_err(Error::io(path, "write"))
}
