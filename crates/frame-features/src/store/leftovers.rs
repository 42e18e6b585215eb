//! What killed programs leave in a store.

use std::path::Path;

use super::{block, info};

/// Removes files that were not written to their end. What cannot be removed stays: it is in
/// nobody's way. Only for the program that has the store's lock.
pub(super) fn remove(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_leftover) {
            let _it_may_stay = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is called as `atomic-write-file` calls those that are to become a store's: a dot,
/// the name, a dot and some letters.
fn is_leftover(name: &str) -> bool {
    let temporary = name.strip_prefix('.').and_then(|it| it.rsplit_once('.'));
    temporary.is_some_and(|(name, _)| name == info::FILE_NAME || block::index_of(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stores_unfinished_files_are_leftovers() {
        for name in [".store.json.a8Xn2s", ".block-00012.safetensors.Zz09aa"] {
            assert!(is_leftover(name), "{name}");
        }
        for name in [
            "store.json",
            "block-00000.safetensors",
            ".store.json",
            ".notes.txt.a8Xn2s",
            ".block-1.safetensors.a8Xn2s",
        ] {
            assert!(!is_leftover(name), "{name}");
        }
    }
}
