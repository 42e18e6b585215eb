//! Files: as memory, as checksums, whole or not at all.

mod hash;
mod map;
mod write;

pub(crate) use hash::{digits, file_sha256, parts_sha256};
pub(crate) use map::{map, will_need};
pub(crate) use write::write_whole;
