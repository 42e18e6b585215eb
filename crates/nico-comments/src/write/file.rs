use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{WriteOptions, write_comments};
use crate::{Comment, Format};

/// Error of writing a file. The file is absent, or what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The file system refused.
    #[error("{}: cannot write", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no writer for the format.
    #[error("{}: comments cannot be written as {format}, expected xml, v1-json, formatted-json or bilibili-xml", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format asked for.
        format: Format,
    },
}

/// Writes comments to a file that is whole or absent; see [`write_whole`]. What the format cannot
/// hold of them, [`Losses`](crate::Losses) says.
///
/// ```
/// use nico_comments::{Comment, Comments, Format, ReadOptions, Vpos, WriteOptions, write_file};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("comments.xml");
/// write_file(&path, Format::Xml, &[Comment::new(Vpos(7), "草")], &WriteOptions::default())?;
/// assert_eq!(Comments::open(&path, ReadOptions::default())?.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file system refuses, or there is no writer for `format`; see [`write_comments`].
pub fn write_file(
    path: impl AsRef<Path>,
    format: Format,
    comments: &[Comment],
    options: &WriteOptions,
) -> Result<(), WriteError> {
    let path = path.as_ref();
    if !format.is_written() {
        return Err(WriteError::Format {
            path: path.to_owned(),
            format,
        });
    }
    write_whole(path, |out| write_comments(out, format, comments, options))
}

/// Writes a file atomically, so that it is whole or absent whatever happens; see [`WholeFile`].
///
/// ```
/// use std::io::Write;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("numbers.txt");
/// nico_comments::write_whole(&path, |out| writeln!(out, "1 2 3"))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file system refuses or `write` fails. Nothing is left behind then.
pub fn write_whole(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut file = WholeFile::create(path)?;
    write(&mut file.file).map_err(|source| file.error(source))?;
    file.commit()
}

/// A file that is whole or absent whatever happens: it is written under a temporary name in the
/// same folder, and [`commit`](Self::commit) flushes it to the disk and gives it its name. Dropped
/// before that, nothing is left of it. It is `folder-lock`'s, with errors that name the file.
///
/// ```
/// use std::io::Write;
///
/// use nico_comments::WholeFile;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("numbers.txt");
/// let mut file = WholeFile::create(&path)?;
/// for number in 1..=3 {
///     write!(file, "{number} ")?;
/// }
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3 ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is left of it unless it is committed"]
pub struct WholeFile {
    path: PathBuf,
    file: folder_lock::WholeFile,
}

impl WholeFile {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, WriteError> {
        let path = path.as_ref().to_owned();
        match folder_lock::WholeFile::create(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(WriteError::Io { path, source }),
        }
    }

    /// What went wrong with this file, as a [`WriteError`] that names it.
    #[must_use]
    pub fn error(&self, source: io::Error) -> WriteError {
        let path = self.path.clone();
        WriteError::Io { path, source }
    }

    /// Ends the file: from now on it is there, in place of any before it.
    ///
    /// # Errors
    ///
    /// If the file system refuses. Nothing is left behind then.
    pub fn commit(self) -> Result<(), WriteError> {
        let Self { path, file } = self;
        let committed = file.commit();
        committed.map_err(|source| WriteError::Io { path, source })
    }
}

/// Buffered.
impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xml");
        std::fs::write(&path, "before").unwrap();
        let result = write_whole(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("disk on fire"))
        });
        assert_eq!(
            result.unwrap_err().to_string(),
            format!("{}: cannot write", path.display())
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_whole(folder.path().join("no/such.xml"), |_| Ok(())).is_err());
    }
}
