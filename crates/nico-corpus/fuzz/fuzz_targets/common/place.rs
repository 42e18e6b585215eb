//! Where inputs lie that are read by path: one folder for each process, whose files are written
//! anew for each input. `scripts/fuzz.sh` says where (`TMPDIR`): in memory, where it can.

#![allow(dead_code, reason = "each target uses a part of it")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("nico-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("there is room for a folder");
    folder
});

/// A path in the folder.
pub(crate) fn path(name: &str) -> PathBuf {
    FOLDER.join(name)
}

/// Writes a file into the folder.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = path(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).expect("there is room for a folder");
    }
    std::fs::write(&path, bytes).expect("there is room for a small file");
    path
}

/// An error and its causes; panics unless it says which file of `folder` it is about.
pub(crate) fn named(folder: &Path, error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    assert!(
        text.contains(&*folder.to_string_lossy()),
        "no file is named: {text}"
    );
    text
}
