//! Videos that killed programs left half made.

use std::{fs, path::Path};

/// How names of the folders begin in which `overlay-render` makes videos, each under its own name.
const PARTIAL: &str = ".partial-";

/// Removes the unfinished videos of a folder that were to become files that are `ours`, by their
/// names. What cannot be removed stays. Only for the program that has the folder's lock.
pub(crate) fn remove(folder: &Path, is_ours: impl Fn(&str) -> bool) {
    for entry in entries(folder) {
        let (path, name) = (entry.path(), entry.file_name());
        if !name.to_str().is_some_and(|name| name.starts_with(PARTIAL)) {
            continue;
        }
        let mut files = entries(&path).into_iter().peekable();
        let is_ours = |file: fs::DirEntry| file.file_name().to_str().is_some_and(&is_ours);
        if files.peek().is_some() && files.all(is_ours) {
            let _it_may_stay = fs::remove_dir_all(path);
        }
    }
}

/// What is in a folder; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<fs::DirEntry> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).collect()
}
