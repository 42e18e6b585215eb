//! The player that the page draws comments over the video with: its parts, and what it shows.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::anyhow;
use nico_comments::Comment;
use nico_corpus::report::{PageComments, PagePlayer, RunFolder};
use overlay_render::{Fonts, LayoutOptions, layout};

use super::super::layout::system_fonts;
use crate::{
    failure::{Outcome, at},
    progress::Output,
};

/// The parts, as `scripts/build-player.sh` leaves them.
const SCRIPT: &str = "comment-player.script.js";
const MODULE: &str = "comment-player.wasm";

/// Where the parts are: the folder that was asked for, or the first that has them beside the program.
///
/// # Errors
///
/// Fails if the folder that was asked for has none.
pub(super) fn find(asked: Option<&Path>) -> Outcome<Option<PathBuf>> {
    let has_parts = |folder: &Path| folder.join(SCRIPT).is_file() && folder.join(MODULE).is_file();
    if let Some(folder) = asked {
        return match has_parts(folder) {
            true => Ok(Some(folder.to_owned())),
            false => Err(anyhow!(
                "{}: no player here, expected {SCRIPT} and {MODULE} (scripts/build-player.sh)",
                folder.display()
            )),
        };
    }
    let program = std::env::current_exe().ok();
    let Some(folder) = program.as_deref().and_then(Path::parent) else {
        return Ok(None);
    };
    let usual = ["player", "../player", "../share/nico/player"];
    Ok(usual
        .map(|name| folder.join(name))
        .into_iter()
        .find(|folder| has_parts(folder)))
}

/// The parts for the page `page`, with the run's comments and the video's real ones over the video.
/// None, with a line that says why, where the video is no longer there.
pub(super) fn player(
    parts: &Path,
    folder: &RunFolder,
    real: &[Comment],
    fonts: &[PathBuf],
    page: &Path,
    output: Output,
) -> Outcome<Option<PagePlayer>> {
    let Some(summary) = &folder.summary else {
        return Ok(None);
    };
    let video = &summary.target;
    if !video.is_file() {
        output.warn(&format!(
            "{}: not there, so the page shows the video with its comments drawn on alone",
            video.display()
        ));
        return Ok(None);
    }
    let written = match folder.commenters() {
        [] => "generated",
        _ => "by the captioner",
    };
    let kinds = [
        ("generated", written, folder.comments.as_slice()),
        ("commenter", "by the commenter", folder.commenters()),
        ("real", "real", real),
    ];
    let kinds = kinds.iter().filter(|(_, _, comments)| !comments.is_empty());
    let mut shown = Vec::new();
    let mut all = Vec::new();
    for (id, label, comments) in kinds {
        shown.push(PageComments::new(id, label, comments)?);
        all.extend_from_slice(comments);
    }
    let script = parts.join(SCRIPT);
    let text = fs::read_to_string(&script).map_err(at(&script))?;
    if text.to_ascii_lowercase().contains("</script") {
        return Err(anyhow!("{}: cannot be part of a page", script.display()));
    }
    let module = parts.join(MODULE);
    Ok(Some(PagePlayer {
        script: text,
        module: fs::read(&module).map_err(at(&module))?,
        fonts: subset(&all, fonts, output)?,
        video: address(page, video)?,
        comments: shown,
    }))
}

/// The glyphs of all texts, as they are and as the owner's scripts rewrite them.
fn subset(comments: &[Comment], files: &[PathBuf], output: Output) -> Outcome<Vec<u8>> {
    let fonts = match files {
        [] => system_fonts()?,
        files => Fonts::from_files_and_system(files)?,
    };
    let options = LayoutOptions::default();
    let placed = layout(comments, &fonts, &options);
    let as_written = layout(comments, &fonts, &options.clone().scripts(false));
    let bytes = fonts.subset([&placed, &as_written]);
    let again = layout(comments, &Fonts::from_subset(&bytes)?, &options);
    let pairs = placed.comments().iter().zip(again.comments());
    let elsewhere = pairs
        .filter(|(one, other)| one.width != other.width || one.pos_y != other.pos_y)
        .count();
    if elsewhere > 0 {
        output.warn(&format!(
            "report: the page places {elsewhere} of {} comments elsewhere than `nico render` does",
            comments.len()
        ));
    }
    Ok(bytes)
}

/// How a page names a file: by the way from its own folder.
fn address(page: &Path, file: &Path) -> Outcome<String> {
    let absolute = |path: &Path| fs::canonicalize(path).map_err(at(path));
    let folder = match page.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok(way(&absolute(folder)?, &absolute(file)?))
}

/// The way from a folder to a file, both absolute: relative where they have a root in common.
fn way(folder: &Path, file: &Path) -> String {
    let name = |part: &Component<'_>| percent_encoded(part.as_os_str().as_encoded_bytes());
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), file.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let rest: Vec<String> = to[shared..].iter().map(name).collect();
    if shared == 0 {
        return format!("file:///{}", rest.join("/"));
    }
    let up = "../".repeat(from.len() - shared);
    let here = if up.is_empty() { "./" } else { "" };
    format!("{here}{up}{}", rest.join("/"))
}

fn percent_encoded(bytes: &[u8]) -> String {
    let encoded = bytes.iter().map(|&byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_name_files_by_the_way_to_them() {
        let way = |folder: &str, file: &str| way(Path::new(folder), Path::new(file));
        assert_eq!(way("/a/run", "/a/run/video.mp4"), "./video.mp4");
        assert_eq!(way("/a/run", "/a/in/x.mp4"), "../in/x.mp4");
        assert_eq!(
            way("/a/run", "/b c/#1:草.mp4"),
            "../../b%20c/%231%3A%E8%8D%89.mp4"
        );
    }

    #[test]
    fn a_folder_without_the_parts_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("no player here"), "{error}");
        for name in [SCRIPT, MODULE] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = find(Some(folder.path())).unwrap();
        assert_eq!(found.as_deref(), Some(folder.path()));
    }
}
