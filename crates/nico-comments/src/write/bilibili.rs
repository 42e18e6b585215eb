use std::io::{self, Write};

use super::WriteOptions;
use super::xml::escape;
use crate::{Comment, bilibili};

/// Writer of Bilibili's XML, a comment at a time (`docs/spec/comment-formats.md`, section 1.4).
///
/// Position, size and colour become the site's modes, sizes and numbers. Left out are deleted
/// comments and those that are not shown (scripts, `invisible`), but for what Bilibili's own viewers
/// placed or programmed, which goes back as it came. What the format cannot hold,
/// [`Comment::lost_in`] says.
///
/// ```
/// use nico_comments::{BilibiliWriter, Comment, Vpos, WriteOptions};
///
/// let mut writer = BilibiliWriter::new(Vec::new(), WriteOptions::default());
/// writer.write(&Comment::new(Vpos(150), "草").mail("ue red").date(1_447_234_124).user("D579"))?;
/// let file = String::from_utf8(writer.finish()?).expect("XML is text");
/// let comment = r#"<d p="1.50000,5,25,16711680,1447234124,0,D579,1">草</d></i>"#;
/// assert!(file.ends_with(comment));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct BilibiliWriter<W> {
    out: W,
    options: WriteOptions,
    begun: bool,
    written: i64,
    buf: String,
}

/// By its beginning other programs recognise the format.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><i>\
    <chatserver>chat.bilibili.com</chatserver><chatid>0</chatid>";

impl<W: Write> BilibiliWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first comment.
    #[must_use]
    pub fn new(out: W, options: WriteOptions) -> Self {
        Self {
            out,
            options,
            begun: false,
            written: 0,
            buf: String::new(),
        }
    }

    /// Writes a comment, unless it is one that is not shown.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        self.begin()?;
        let hidden = comment.mail.is_invisible() || comment.is_script();
        if comment.is_deleted() || (hidden && !bilibili::is_programmed(comment)) {
            return Ok(());
        }
        self.written += 1;
        let p = bilibili::p(comment, self.options.fill.then_some(self.written));
        self.buf.clear();
        self.buf.push_str("<d p=\"");
        escape(&p, true, &mut self.buf);
        self.buf.push_str("\">");
        escape(&comment.body, false, &mut self.buf);
        self.buf.push_str("</d>");
        self.out.write_all(self.buf.as_bytes())
    }

    /// Closes the root, flushes and gives the output back.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.begin()?;
        self.out.write_all(b"</i>")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.out.write_all(HEAD.as_bytes())
    }
}
