//! Files that have to be the same for as long as what is made of them is not recorded.

use std::path::{Path, PathBuf};

use anyhow::bail;
use folder_lock::FileMark;
use nico_corpus::FileId;

use crate::failure::{Outcome, at};

/// A file whose contents are known.
#[derive(Clone, Debug)]
pub(crate) struct KnownFile {
    path: PathBuf,
    /// Of the file before it was read for its contents.
    mark: FileMark,
    id: FileId,
}

impl KnownFile {
    /// Reads a file whole for its checksum.
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        let mark = FileMark::of(path).map_err(at(path))?;
        Ok(Self {
            path: path.to_owned(),
            mark,
            id: FileId::read(path)?,
        })
    }

    /// Its name and its contents.
    pub(crate) fn id(&self) -> &FileId {
        &self.id
    }

    /// Refuses a file that has other contents now: what is recorded of it would not be what was
    /// used. It is read again only where it looks like another one.
    pub(crate) fn check(&self) -> Outcome {
        if !self.mark.is_of(&self.path) && FileId::read(&self.path)? != self.id {
            bail!("{}: it changed while it was read", self.path.display());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_contents_are_refused_and_the_same_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xml");
        std::fs::write(&path, "comments").unwrap();
        let file = KnownFile::read(&path).unwrap();
        file.check().unwrap();
        std::fs::write(&path, "others").unwrap();
        let error = file.check().unwrap_err().to_string();
        assert!(error.ends_with("a.xml: it changed while it was read"));
        std::fs::write(&path, "comments").unwrap();
        file.check().unwrap(); // written anew, and the same
    }

    /// A name that is no text is a name too.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_text_is_found_again() {
        use std::os::unix::ffi::OsStrExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xFF.xml"));
        std::fs::write(&path, "comments").unwrap();
        let file = KnownFile::read(&path).unwrap();
        std::fs::write(&path, "comments").unwrap();
        file.check().unwrap();
    }
}
