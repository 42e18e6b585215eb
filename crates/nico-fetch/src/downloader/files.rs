//! What lies in the folder that a program leaves its files in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use nico_comments::{Comments, ReadOptions};

/// Files and folders that are looked at.
const MAX_FILES: usize = 10_000;
/// Folders within folders that are looked at.
const MAX_DEPTH: usize = 8;

/// A file, its length and its time of change.
pub(super) type FileMark = (PathBuf, u64, Option<std::time::SystemTime>);

/// Files below a folder with length and time of change, by name. Links are not followed.
pub(super) fn files(folder: &Path) -> Result<Vec<FileMark>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut looked_at = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::at(&folder))? {
            let entry = entry.map_err(Error::at(&folder))?;
            // Of a link, not of where it leads.
            let info = entry.metadata().map_err(Error::at(&folder))?;
            looked_at += 1;
            if looked_at > MAX_FILES {
                return Err(Error::TooManyFiles(folder));
            }
            if info.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if info.is_file() {
                found.push((entry.path(), info.len(), info.modified().ok()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether the crate's reader finds a comment in the file.
pub(super) fn holds_comments(path: &Path) -> bool {
    Comments::open(path, ReadOptions::default())
        .is_ok_and(|mut comments| comments.any(|comment| comment.is_ok()))
}
