//! The video itself in the page, with comments that are drawn there and can be switched.

use std::io::{self, Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use maud::{Markup, PreEscaped, html};
use nico_comments::{Comment, FormattedWriter, WriteOptions};

/// What a page needs to draw comments over a video by itself: the parts of `target/player`
/// (`docs/player.md`), fonts, the video's address and comments. All but the video lie in the page,
/// so that it works from a disk.
#[derive(Clone, Debug)]
pub struct PagePlayer {
    /// `comment-player.script.js`.
    pub script: String,
    /// `comment-player.wasm`.
    pub module: Vec<u8>,
    /// The fonts of the comments, as `overlay-render` writes a subset of them.
    pub fonts: Vec<u8>,
    /// The video's address, from the page.
    pub video: String,
    /// Comments that can be switched.
    pub comments: Vec<PageComments>,
}

/// Comments of one kind.
#[derive(Clone, Debug)]
pub struct PageComments {
    id: String,
    label: String,
    count: usize,
    file: Vec<u8>,
}

impl PageComments {
    /// Comments under a name of letters, and what the page calls them. Their users become numbers.
    ///
    /// # Errors
    ///
    /// None that can happen in memory.
    pub fn new(id: &str, label: &str, comments: &[Comment]) -> io::Result<Self> {
        let mut writer = FormattedWriter::new(Vec::new(), WriteOptions::default());
        comments
            .iter()
            .try_for_each(|comment| writer.write(comment))?;
        Ok(Self {
            id: id.to_owned(),
            label: label.to_owned(),
            count: comments.len(),
            file: writer.finish()?,
        })
    }
}

impl PagePlayer {
    /// The video with what switches its comments. `rendered` is the video that comments were drawn
    /// on: shown on request, and where a browser cannot play the other one.
    pub(super) fn video(&self, rendered: Option<&str>) -> Markup {
        html! {
            div.player {
                // The browser's own button for it would enlarge the video alone.
                video controls controlslist="nofullscreen" preload="metadata" src=(self.video) data-rendered=[rendered] {}
                form.switches {
                    @for comments in &self.comments {
                        label {
                            input type="checkbox" name="source" value=(comments.id) checked;
                            (comments.label) " (" (comments.count) ")"
                        }
                    }
                    label { "without " input type="text" name="words" size="12" placeholder="words"; }
                    label { "size " input type="range" name="size" min="0.5" max="1.5" step="0.1" value="1"; }
                    button type="button" name="full" { "Full screen" }
                    @if rendered.is_some() { button type="button" name="rendered" { "As rendered" } }
                }
                p.soft role="status" {}
            }
        }
    }

    /// Its script and its data.
    pub(super) fn parts(&self, nonce: &str) -> Markup {
        html! {
            (data("player-module", &self.module))
            (data("player-fonts", &self.fonts))
            @for comments in &self.comments {
                (data(&format!("player-comments-{}", comments.id), &comments.file))
            }
            script nonce=(nonce) { (PreEscaped(&self.script)) }
        }
    }
}

/// Bytes in the page, compressed, as text that no browser runs.
fn data(id: &str, bytes: &[u8]) -> Markup {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let compressed = gzip.write_all(bytes).and_then(|()| gzip.finish());
    let text = BASE64_STANDARD.encode(compressed.expect("memory takes all bytes"));
    html! { script type="text/plain" id=(id) { (PreEscaped(text)) } }
}
