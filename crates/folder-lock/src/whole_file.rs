use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use atomic_write_file::{AtomicWriteFile, OpenOptions};

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 16;

/// Writes a file that is whole or what it was before, whatever happens; see [`WholeFile`].
///
/// ```
/// use folder_lock::write_whole;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("numbers.txt");
/// write_whole(&path, |out| out.write_all(b"1 2 3"))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the file system refuses or `write` fails. Nothing is left behind then.
pub fn write_whole(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    write(&mut file)?;
    file.commit()
}

/// A file that is whole or absent whatever happens: it is written, through a buffer, under a
/// temporary name in the same folder, and [`commit`](Self::commit) flushes it to the disk and gives
/// it its name, in place of what stood there. Dropped before that, nothing is left of it; a killed
/// program may leave the temporary one ([`leftover_of`](crate::leftover_of)).
///
/// Its mode is that of any new file, what the umask leaves, whatever stood there before.
///
/// ```
/// use std::io::Write;
///
/// use folder_lock::WholeFile;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("numbers.txt");
/// let mut file = WholeFile::create(&path)?;
/// for number in 1..=3 {
///     write!(file, "{number} ")?;
/// }
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3 ");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is left of it unless it is committed"]
pub struct WholeFile {
    file: BufWriter<AtomicWriteFile>,
}

impl WholeFile {
    /// Begins the file.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = options().open(path)?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, file),
        })
    }

    /// Ends the file: from now on it is there, in place of any before it.
    ///
    /// # Errors
    ///
    /// If the file system refuses. Nothing is left behind then.
    pub fn commit(self) -> io::Result<()> {
        let whole = self.file.into_inner();
        whole.map_err(io::IntoInnerError::into_error)?.commit()
    }
}

/// Buffered.
impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use atomic_write_file::unix::OpenOptionsExt;
    let mut options = AtomicWriteFile::options();
    options.preserve_mode(false).preserve_owner(false);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    AtomicWriteFile::options()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_whole(&path, |out| out.write_all(b"old")).unwrap();
        write_whole(&path, |out| {
            out.write_all(b"half of the n")?;
            Err(io::Error::other("disk full"))
        })
        .unwrap_err();
        let mut begun = WholeFile::create(&path).unwrap();
        begun.write_all(b"dropped").unwrap();
        drop(begun);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(WholeFile::create(folder.path().join("no/such")).is_err());
    }

    /// What a killed program leaves is found by its name.
    #[test]
    fn an_unfinished_file_is_called_as_leftovers_are() {
        let folder = tempfile::tempdir().unwrap();
        // Of so many, one is called by no word of six letters.
        let begin = |_| WholeFile::create(folder.path().join("a.json")).unwrap();
        let begun: Vec<WholeFile> = (0..9).map(begin).collect();
        let entries = fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names: Vec<String> = names.collect();
        assert_eq!(names.len(), 9);
        let is_told = |name: &String| crate::leftover_of(name) == Some("a.json");
        assert!(names.iter().any(is_told), "{names:?}");
        drop(begun);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_is_the_one_that_the_umask_leaves() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let path = folder.path().join(name);
            fs::metadata(path).unwrap().permissions().mode()
        };
        fs::write(folder.path().join("plain"), "").unwrap();
        write_whole(folder.path().join("whole"), |_| Ok(())).unwrap();
        assert_eq!(mode("whole"), mode("plain"));
    }
}
