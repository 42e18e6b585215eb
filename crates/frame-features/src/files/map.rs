//! Files as memory.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::error::Error;

/// Maps a file into memory, read-only.
///
/// The files mapped here are weights and the blocks of stores, which are written under another
/// name, renamed into place and never changed afterwards. A program that nevertheless shortens
/// one while it is mapped ends this one with SIGBUS; that is the price of not copying.
#[expect(
    unsafe_code,
    reason = "a memory map is the file as long as nobody else writes to it"
)]
pub(crate) fn map(path: &Path) -> Result<Mmap, Error> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    // SAFETY: the map is only read, and only through the lengths checked against it.
    unsafe { Mmap::map(&file) }.map_err(Error::io("map into memory", path))
}

/// Has the operating system begin to read a part of a map. Where it cannot, the part is read when
/// it is looked at.
#[cfg(unix)]
pub(crate) fn will_need(map: &Mmap, offset: usize, len: usize) {
    let _only_advice = map.advise_range(memmap2::Advice::WillNeed, offset, len);
}

#[cfg(not(unix))]
pub(crate) fn will_need(_: &Mmap, _: usize, _: usize) {}
