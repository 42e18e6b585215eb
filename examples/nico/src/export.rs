//! Comments to files in the format that the file's name asks for.

use anyhow::anyhow;
use std::path::Path;

use nico_comments::{Comment, Format, WriteOptions, write_file};
use overlay_render::{AssOptions, Fonts, LayoutOptions, layout, write_ass};

use crate::{failure::Outcome, files::ending};

/// Refuses the name of a file that [`write_comments`] cannot write, before there is anything to
/// write.
pub(crate) fn check_name(path: &Path) -> Outcome {
    match ending(path).as_deref() {
        Some("xml" | "json" | "ass") => Ok(()),
        _ => Err(anyhow!(
            "{}: the name has to end in .xml, .json or .ass",
            path.display()
        )),
    }
}

/// Writes comments as XML, "formatted" JSON or ASS subtitles, whole or not at all.
pub(crate) fn write_comments(path: &Path, comments: &[Comment]) -> Outcome {
    let write = |format| {
        Ok(write_file(
            path,
            format,
            comments,
            &WriteOptions::default(),
        )?)
    };
    check_name(path)?;
    match ending(path).as_deref() {
        Some("xml") => write(Format::Xml),
        Some("json") => write(Format::FormattedJson),
        _ => {
            // Without a Japanese font lanes go by estimated widths.
            let fonts = Fonts::system().unwrap_or_else(|_| Fonts::estimated());
            let layout = layout(comments, &fonts, &LayoutOptions::default());
            Ok(nico_comments::write_whole(path, |out| {
                write_ass(&layout, &AssOptions::default(), out)
            })?)
        }
    }
}
