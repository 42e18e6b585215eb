//! Names of files as FFmpeg takes them.

use std::path::Path;

use crate::error::Error;

/// FFmpeg's name for a file on disk, whatever characters it has. FFmpeg's bindings take UTF-8 only.
pub(super) fn file_url(path: &Path) -> Result<String, Error> {
    match path.to_str() {
        Some(text) if !text.contains('\0') => Ok(format!("file:{text}")),
        _ => Err(Error::NotAVideo {
            path: path.to_owned(),
            what: "FFmpeg opens files whose names are UTF-8 only: rename it".to_owned(),
        }),
    }
}

pub(super) fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let is = |ending: &&str| {
        file.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(ending))
    };
    endings.iter().any(is)
}
