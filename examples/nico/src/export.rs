//! Comments to files in the format that the file's name asks for.

use anyhow::anyhow;
use std::path::Path;

use nico_comments::{Comment, Format, WriteOptions, write_file};

use crate::failure::Outcome;

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
    match path.extension().and_then(|name| name.to_str()) {
        Some("xml") => write(Format::Xml),
        Some("json") => write(Format::FormattedJson),
        #[cfg(feature = "video")]
        Some("ass") => {
            let fonts = overlay_render::Fonts::system()?;
            let options = overlay_render::LayoutOptions::default();
            let layout = overlay_render::layout(comments, &fonts, &options);
            Ok(nico_comments::write_whole(path, |out| {
                overlay_render::write_ass(&layout, out)
            })?)
        }
        #[cfg(not(feature = "video"))]
        Some("ass") => write(Format::Ass), // lanes by estimated widths
        _ => Err(anyhow!(
            "{}: the name has to end in .xml, .json or .ass",
            path.display()
        )),
    }
}
