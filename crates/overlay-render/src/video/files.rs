//! Names of files as FFmpeg takes them, and what their endings mean.

use std::path::Path;

/// FFmpeg's name for a file on disk. Its bindings take UTF-8 only: `None` for other names.
pub(super) fn file_url(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.contains('\0'))?;
    Some(format!("file:{text}"))
}

/// Whether a name is an address that FFmpeg opens, and not that of a file.
pub(super) fn is_address(name: &str) -> bool {
    name.contains("://")
}

/// Containers that are treated by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// .mp4 and .m4v.
    Mp4,
    /// .mov, QuickTime.
    Mov,
    /// .mkv, Matroska.
    Matroska,
    /// .webm.
    WebM,
    /// Any other.
    Other,
}

/// Endings with their containers.
const ENDINGS: [(&str, Container); 5] = [
    ("mp4", Container::Mp4),
    ("m4v", Container::Mp4),
    ("mov", Container::Mov),
    ("mkv", Container::Matroska),
    ("webm", Container::WebM),
];

impl Container {
    /// What a file's ending tells.
    pub(super) fn of(file: &Path) -> Self {
        let ending = file.extension().unwrap_or_default();
        ENDINGS
            .iter()
            .find(|(known, _)| ending.eq_ignore_ascii_case(known))
            .map_or(Self::Other, |&(_, container)| container)
    }
}
