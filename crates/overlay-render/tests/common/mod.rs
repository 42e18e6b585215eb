//! What the integration tests share.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Comments, ReadOptions};
use overlay_render::Fonts;

/// The golden samples of the reference renderer, if they lie beside the project or where `NICONICO_SAMPLES` says.
pub(crate) fn golden_dir() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/niconico");
    let dir = std::env::var_os("NICONICO_SAMPLES").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no {}", dir.display());
    None
}

/// The system's fonts.
pub(crate) fn fonts() -> Option<Fonts> {
    Fonts::system()
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

/// The system's fonts, if they are those that the golden data were made with.
pub(crate) fn noto() -> Option<Fonts> {
    use nico_comments::Font::{Defont, Gothic, Mincho};
    let fonts = fonts()?;
    let wanted = [
        (Defont, "NotoSansCJKjp-Bold"),
        (Gothic, "NotoSansCJKjp-Regular"),
        (Mincho, "NotoSerifCJKjp-Regular"),
    ];
    for (font, name) in wanted {
        if fonts.names(font)[0] != name {
            eprintln!("skipped: {font:?} is {}, not {name}", fonts.names(font)[0]);
            return None;
        }
    }
    Some(fonts)
}

/// The comments of a file, in file order.
pub(crate) fn read(path: &Path) -> Vec<Comment> {
    let comments = Comments::open(path, ReadOptions::default()).expect("a readable file");
    comments
        .map(|comment| comment.expect("a whole comment"))
        .collect()
}
