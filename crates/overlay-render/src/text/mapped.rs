use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memmap2::Mmap;

/// A file that is mapped into memory when it is first needed.
pub(super) struct MappedFile {
    path: PathBuf,
    map: OnceLock<Option<Mmap>>,
}

impl MappedFile {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            map: OnceLock::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it, if it can be read.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.map.get_or_init(|| map(&self.path).ok()).as_deref()
    }
}

#[expect(
    unsafe_code,
    reason = "font files are 20 MB each and mapped by every program that draws text; installed fonts are replaced, not rewritten in place"
)]
fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the map is only read, and every offset in it is checked by the parser.
    unsafe { Mmap::map(&file) }
}
