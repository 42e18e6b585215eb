use std::borrow::Cow;
use std::io::{self, Write};

use super::{WriteOptions, filled_number, number, present};
use crate::read::clean;
use crate::{Comment, Fork};

/// Writer of message-server XML, a comment at a time, as Saccubus does
/// (`docs/spec/comment-formats.md`, section 7.1).
///
/// The output begins with the declaration and `<packet>` without anything between, by which other
/// programs recognise it. Owner comments go without user. What XML cannot hold is left out, the
/// characters that it does not allow (U+FFFE, U+FFFF, control characters) among it;
/// [`Comment::lost_in`] says what that is.
///
/// ```
/// use nico_comments::{Comment, Vpos, WriteOptions, XmlWriter};
///
/// let mut writer = XmlWriter::new(Vec::new(), WriteOptions::default());
/// writer.write(&Comment::new(Vpos(7), "1 < 2").mail("184 red").date(1_600_000_000))?;
/// let file = String::from_utf8(writer.finish()?).expect("XML is text");
/// assert!(file.contains(r#"<packet><chat thread="0" no="1" vpos="7" date="1600000000""#));
/// assert!(file.ends_with(r#">1 &lt; 2</chat></packet>"#));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct XmlWriter<W> {
    out: W,
    options: WriteOptions,
    written: u64,
    buf: String,
}

impl<W: Write> XmlWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first comment.
    #[must_use]
    pub fn new(out: W, options: WriteOptions) -> Self {
        Self {
            out,
            options,
            written: 0,
            buf: String::new(),
        }
    }

    /// Writes a comment.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        if self.written == 0 {
            self.out.write_all(HEAD.as_bytes())?;
        }
        self.written += 1;
        self.buf.clear();
        self.chat(comment);
        self.out.write_all(self.buf.as_bytes())
    }

    /// The output, for those who take from it what was written so far.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Closes the packet, flushes and gives the output back.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.written == 0 {
            self.out.write_all(HEAD.as_bytes())?;
        }
        self.out.write_all(b"</packet>")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn chat(&mut self, comment: &Comment) {
        let fill = self.options.fill;
        let written = i64::try_from(self.written).unwrap_or(i64::MAX);
        self.buf.push_str("<chat");
        let thread: Option<String> = present(comment.thread.as_ref())
            .map(|thread| thread.chars().filter(|&c| is_allowed(c)).collect())
            .filter(|thread: &String| !thread.is_empty());
        let thread = thread.as_deref().or(fill.then_some("0"));
        self.attribute("thread", thread);
        let filled = fill.then(|| filled_number(thread, written));
        self.integer("no", number(comment).or(filled));
        self.integer("vpos", Some(comment.vpos.0));
        self.integer("date", comment.date.or(fill.then_some(0)));
        self.integer("date_usec", comment.date_usec.map(i64::from));
        self.attribute(
            "mail",
            Some(&*comment.mail.to_string()).filter(|mail| !mail.is_empty()),
        );
        // A user of whom nothing can be written is none.
        let user = present(comment.user.as_ref())
            .filter(|user| !comment.is_owner() && user.chars().any(is_allowed));
        self.attribute("user_id", user.as_deref());
        self.integer(
            "premium",
            Some(comment.premium.into()).filter(|&premium| premium != 0),
        );
        self.integer("anonymity", comment.anonymous.then_some(1));
        self.fork(comment, user.is_none());
        self.integer(
            "deleted",
            Some(comment.deleted.into()).filter(|&deleted| deleted != 0),
        );
        self.integer("leaf", comment.leaf);
        self.integer("score", comment.score);
        self.integer("nicoru", comment.nicoru);
        for (name, value) in &comment.extra {
            if is_extra_name(name) {
                self.attribute(name, Some(value));
            }
        }
        if comment.body.is_empty() && comment.is_deleted() {
            self.buf.push_str("/>");
        } else {
            self.buf.push('>');
            escape(&comment.body, false, &mut self.buf);
            self.buf.push_str("</chat>");
        }
    }

    fn fork(&mut self, comment: &Comment, no_user: bool) {
        match &comment.fork {
            Fork::Owner => self.attribute("fork", Some("1")),
            Fork::Easy => self.attribute("fork", Some("2")),
            Fork::Other(text) => self.attribute("fork", Some(text)),
            // Without it readers would take the comment for the owner's.
            Fork::Main if no_user && !comment.anonymous && !comment.is_deleted() => {
                self.attribute("fork", Some("0"));
            }
            Fork::Main => {}
        }
    }

    fn integer(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.attribute(name, Some(&value.to_string()));
        }
    }

    fn attribute(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.buf.push(' ');
            self.buf.push_str(name);
            self.buf.push_str("=\"");
            escape(value, true, &mut self.buf);
            self.buf.push('"');
        }
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><packet>";

/// Attributes with a meaning of their own, which an extra must not take the place of.
const KNOWN: [&str; 16] = [
    "thread",
    "fork",
    "no",
    "vpos",
    "date",
    "date_usec",
    "mail",
    "user_id",
    "premium",
    "anonymity",
    "score",
    "nicoru",
    "deleted",
    "leaf",
    "content",
    "xmlns",
];

/// Whether an extra can be an attribute: its name is one, and none of the known ones.
pub(super) fn is_extra_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    starts && rest && !KNOWN.contains(&name)
}

/// Appends text with its markup as references, its line ends as LF, and without the characters that
/// XML does not allow.
pub(super) fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in clean(Cow::Borrowed(text)).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c if is_allowed(c) => out.push(c),
            _ => {}
        }
    }
}

/// Whether XML 1.0 allows a character in a document (production 2, `Char`); surrogates are none in
/// Rust. What it does not allow, a reference cannot stand for either.
pub(super) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{1_0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    fn written(comment: &Comment) -> String {
        let mut writer = XmlWriter::new(Vec::new(), WriteOptions::default().fill(false));
        writer.write(comment).unwrap();
        let file = String::from_utf8(writer.finish().unwrap()).unwrap();
        file.strip_prefix(HEAD)
            .unwrap()
            .strip_suffix("</packet>")
            .unwrap()
            .to_owned()
    }

    #[test]
    fn owners_go_without_user_and_viewers_without_user_are_no_owners() {
        let owner = Comment::new(Vpos(0), "a").fork(Fork::Owner).user("0");
        assert_eq!(written(&owner), r#"<chat vpos="0" fork="1">a</chat>"#);
        assert_eq!(
            written(&Comment::new(Vpos(0), "a")),
            r#"<chat vpos="0" fork="0">a</chat>"#
        );
    }

    #[test]
    fn deleted_comments_and_strange_names() {
        let mut comment = Comment::new(Vpos(-5), "").deleted(2);
        comment.extra = ["a b", "vpos", "", "1", "origin"]
            .map(|name| (name.into(), "C\"\n".into()))
            .into();
        assert_eq!(
            written(&comment),
            r#"<chat vpos="-5" deleted="2" origin="C&quot;&#10;"/>"#
        );
    }

    #[test]
    fn nothing_is_an_empty_packet() {
        let file = XmlWriter::new(Vec::new(), WriteOptions::default())
            .finish()
            .unwrap();
        assert_eq!(file, [HEAD, "</packet>"].concat().as_bytes());
    }
}
