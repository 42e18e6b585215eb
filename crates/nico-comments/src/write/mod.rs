//! Writers: message-server XML, "formatted" and v1 JSON, and files that are whole or absent.

#[cfg(not(target_family = "wasm"))]
mod file;
mod formatted;
mod json;
mod losses;
mod lost;
mod v1;
mod xml;

#[cfg(not(target_family = "wasm"))]
pub use file::{WriteError, write_file, write_whole};
pub use formatted::FormattedWriter;
pub use losses::Losses;
pub use v1::write_v1;
pub use xml::XmlWriter;

use std::borrow::Cow;

use crate::Comment;
use crate::read::clean;

/// A text as it will be read back: control characters left out, `None` if nothing is left.
fn present(text: Option<&String>) -> Option<Cow<'_, str>> {
    text.map(|text| clean(Cow::Borrowed(text)))
        .filter(|text| !text.is_empty())
}

/// The number, if it is one: readers take negative ones for missing.
fn number(comment: &Comment) -> Option<i64> {
    comment.no.filter(|&no| no >= 0)
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
    /// Fills in what programs expect of every comment: missing numbers become 1, 2, …, missing
    /// dates and threads 0, and so on. Without it what is missing stays missing, so that reading
    /// gives back the same. Default: yes.
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
