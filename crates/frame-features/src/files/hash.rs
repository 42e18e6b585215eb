//! SHA-256 of files, as hexadecimal digits.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;

/// SHA-256 of a file's bytes, 64 lowercase digits.
pub(crate) fn file_sha256(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(Error::io("read", path))?;
        if read == 0 {
            return Ok(digits(hasher));
        }
        hasher.update(&buffer[..read]);
    }
}

/// SHA-256 of several pieces of memory, one after the other.
pub(crate) fn parts_sha256<const N: usize>(parts: [&[u8]; N]) -> String {
    digits(parts.into_iter().fold(Sha256::new(), Digest::chain_update))
}

/// What a hasher has come to.
pub(crate) fn digits(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("writing to a String does not fail");
            digits
        })
}
