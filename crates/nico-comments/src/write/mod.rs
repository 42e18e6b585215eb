//! Writers: message-server and Bilibili's XML, "formatted" and v1 JSON, and files that are whole or absent.

mod bilibili;
#[cfg(not(target_family = "wasm"))]
mod file;
mod format_writer;
mod formatted;
mod json;
mod losses;
mod lost;
mod v1;
mod xml;

pub use bilibili::BilibiliWriter;
#[cfg(not(target_family = "wasm"))]
pub use file::{WholeFile, WriteError, write_file, write_whole};
pub use format_writer::FormatWriter;
pub use formatted::FormattedWriter;
pub use losses::Losses;
pub use v1::write_v1;
pub use xml::XmlWriter;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::read::clean;
use crate::{Comment, Format};

impl Format {
    /// Whether [`write_comments`] writes it.
    #[must_use]
    pub fn is_written(self) -> bool {
        matches!(
            self,
            Self::Xml | Self::V1Json | Self::FormattedJson | Self::BilibiliXml
        )
    }
}

/// Writes comments in a format to `out`, which should be buffered: a file, standard output. What the
/// format cannot hold of them, [`Losses`] says. Where they are too many to hold, [`FormatWriter`]
/// takes one at a time.
///
/// ```
/// use nico_comments::{Comment, Format, Vpos, WriteOptions, write_comments};
///
/// let mut out = Vec::new();
/// let comments = [Comment::new(Vpos(7), "草").user("a")];
/// write_comments(&mut out, Format::Xml, &comments, &WriteOptions::default().fill(false))?;
/// assert!(out.ends_with("<packet><chat vpos=\"7\" user_id=\"a\">草</chat></packet>".as_bytes()));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If `out` fails; [`Unsupported`](io::ErrorKind::Unsupported) if there is no writer for the format.
/// There is for [`Format::Xml`], [`Format::V1Json`], [`Format::FormattedJson`] and
/// [`Format::BilibiliXml`]; subtitles are written by `overlay-render`, which places them.
pub fn write_comments(
    out: impl Write,
    format: Format,
    comments: &[Comment],
    options: &WriteOptions,
) -> io::Result<()> {
    let options = options.clone();
    match format {
        Format::Xml => {
            let mut writer = XmlWriter::new(out, options);
            comments.iter().try_for_each(|one| writer.write(one))?;
            writer.finish().map(drop)
        }
        Format::FormattedJson => {
            let mut writer = FormattedWriter::new(out, options);
            comments.iter().try_for_each(|one| writer.write(one))?;
            writer.finish().map(drop)
        }
        Format::BilibiliXml => {
            let mut writer = BilibiliWriter::new(out, options);
            comments.iter().try_for_each(|one| writer.write(one))?;
            writer.finish().map(drop)
        }
        Format::V1Json => write_v1(out, comments, &options),
        format => Err(format_writer::unsupported(format)),
    }
}

/// A text as it will be read back: control characters left out, `None` if nothing is left.
fn present(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.map(|text| clean(Cow::Borrowed(text)))
        .filter(|text| !text.is_empty())
}

/// The number, if it is one: readers take negative ones for missing.
fn number(comment: &Comment) -> Option<i64> {
    comment.no.filter(|&no| no >= 0)
}

/// The number that is filled in for a comment that has none: its place in the file. Beside a thread
/// (as it is written; `0` is filled in) that place is the number of another comment, so there it is
/// −1, as in recordings of broadcasts, which readers take for none.
fn filled_number(thread: Option<&str>, written: i64) -> i64 {
    match thread {
        None | Some("0") => written,
        Some(_) => -1,
    }
}

/// Options of writers: how they treat what a comment leaves open. Made by `default()` and the
/// setters.
///
/// ```
/// use nico_comments::{Comment, Vpos, WriteOptions, XmlWriter};
///
/// let mut writer = XmlWriter::new(Vec::new(), WriteOptions::default().fill(false));
/// writer.write(&Comment::new(Vpos(7), "草").user("a"))?;
/// let file = String::from_utf8(writer.finish()?).expect("XML is text");
/// assert!(file.ends_with(r#"<packet><chat vpos="7" user_id="a">草</chat></packet>"#));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Fills in what programs expect of every comment: missing numbers become 1, 2, …, or −1 beside
    /// a thread, missing dates and threads 0, and so on. Nothing of that takes a comment for another
    /// one ([`Comment::key`]). Without it what is missing stays missing, so that reading gives back
    /// the same. Default: yes.
    pub fill: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { fill: true }
    }
}

impl WriteOptions {
    /// Sets [`fill`](Self::fill).
    #[must_use]
    pub fn fill(mut self, fill: bool) -> Self {
        self.fill = fill;
        self
    }
}
