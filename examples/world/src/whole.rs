//! Files that are complete or absent.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;

use crate::error::Error;

/// Makes the folder of `path` and has `fill` write the file, which is there once it is complete.
pub(crate) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&File) -> Result<(), Error>,
) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    }
    let file = AtomicWriteFile::open(path).map_err(|source| Error::io(path, source))?;
    fill(file.as_file())?;
    file.commit().map_err(|source| Error::io(path, source))
}

/// The same for what is written in small pieces.
pub(crate) fn write_pieces(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), Error> {
    write_whole(path, |file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)
            .and_then(|()| out.flush())
            .map_err(|source| Error::io(path, source))
    })
}
