//! What the integration tests share.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Comments, ReadOptions};
use overlay_render::Fonts;

/// What a test needs that may be missing. Where it is, the test says so and skips, or fails if the
/// environment variable `REQUIRE_ALL` is 1.
pub(crate) fn or_skip<T>(found: Option<T>, what: &str) -> Option<T> {
    if found.is_none() {
        let required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!required, "missing: {what}");
        eprintln!("skipped, missing: {what}");
    }
    found
}

/// The folder of the crate's own test data.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Parts of Noto's CJK fonts that lie beside the tests: sans serif bold and regular, serif regular.
pub(crate) fn subset() -> Fonts {
    let fonts = ["Sans-Bold", "Sans-Regular", "Serif-Regular"].map(|name| {
        let path = data(&format!("fonts/NotoCJKjp-{name}.subset.otf"));
        std::fs::read(path).expect("the fonts are in the repository")
    });
    Fonts::from_bytes(fonts).expect("they are fonts")
}

/// The golden samples of the reference renderer, if they lie beside the project or where
/// `NICONICO_SAMPLES` says. Two smaller ones are in the repository.
pub(crate) fn golden_dir() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/niconico");
    let dir = std::env::var_os("NICONICO_SAMPLES").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    let is_named = std::env::var_os("NICONICO_SAMPLES").is_some();
    assert!(
        !is_named,
        "NICONICO_SAMPLES: {} is no folder",
        dir.display()
    );
    eprintln!("skipped: no {}", dir.display());
    None
}

/// The system's fonts, if they are those that the golden data were made with.
#[cfg(feature = "system-fonts")]
pub(crate) fn noto() -> Option<Fonts> {
    use nico_comments::Font::{Defont, Gothic, Mincho};
    let wanted = [
        (Defont, "NotoSansCJKjp-Bold"),
        (Gothic, "NotoSansCJKjp-Regular"),
        (Mincho, "NotoSerifCJKjp-Regular"),
    ];
    let installed = |fonts: &Fonts| {
        wanted
            .iter()
            .all(|&(font, name)| fonts.names(font)[0] == name)
    };
    let fonts = Fonts::system().ok().filter(installed);
    or_skip(fonts, "Noto's CJK fonts (Debian: fonts-noto-cjk)")
}

/// The comments of a file, in file order.
pub(crate) fn read(path: &Path) -> Vec<Comment> {
    let comments = Comments::open(path, ReadOptions::default()).expect("a readable file");
    comments
        .map(|comment| comment.expect("a whole comment"))
        .collect()
}
