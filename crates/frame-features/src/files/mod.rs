//! Files: as memory, as checksums, the same as before, whole or not at all.

mod hash;
mod map;
#[cfg(feature = "video")]
mod unchanged;
mod write;

pub(crate) use hash::{digits, file_sha256, parts_sha256};
pub(crate) use map::{map, will_need};
#[cfg(feature = "video")]
pub(crate) use unchanged::Unchanged;
pub(crate) use write::write_whole;
