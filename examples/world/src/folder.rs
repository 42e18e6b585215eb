//! Files that go before others are written in their place.

use std::fs;
use std::path::Path;

use folder_lock::leftover_of;

use crate::error::Error;

/// Removes files, and what killed programs left of them.
pub(crate) fn remove(folder: &Path, names: &[&str]) -> Result<(), Error> {
    remove_named(folder, |name| names.contains(&name))
}

/// [`remove`] of the files whose names are `ours`.
pub(crate) fn remove_named(folder: &Path, ours: impl Fn(&str) -> bool) -> Result<(), Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|source| Error::io(folder, source))?,
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if ours(leftover_of(name).unwrap_or(name)) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|source| Error::io(&path, source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_with_their_leftovers_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "").unwrap();
        let gone = ["video.mp4", ".video.mp4.a8Xn2s"];
        let kept = ["notes.txt", ".notes.txt.a8Xn2s", "video.mp4.txt"];
        gone.iter().chain(&kept).for_each(|name| write(name));
        remove(folder.path(), &["video.mp4"]).unwrap();
        assert!(gone.iter().all(|name| !folder.path().join(name).exists()));
        assert!(kept.iter().all(|name| folder.path().join(name).exists()));
        remove(&folder.path().join("none"), &["video.mp4"]).unwrap();
    }
}
