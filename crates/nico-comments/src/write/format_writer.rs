use std::io::{self, Write};

use super::{BilibiliWriter, FormattedWriter, WriteOptions, XmlWriter, write_v1};
use crate::{Comment, Format};

/// Writer of comments, one at a time, in a format that is known when the program runs; for one that
/// is known before, there are [`XmlWriter`], [`FormattedWriter`] and [`BilibiliWriter`].
///
/// Memory does not grow with the comments, but for [`Format::V1Json`], whose threads say first how
/// many comments they have: those are held until the end. [`Format::FormattedJson`] numbers users,
/// whose names are held.
///
/// ```
/// use nico_comments::{FormatWriter, Comments, Format, Losses, ReadOptions, WriteOptions};
///
/// // Any format to any, however long the file is.
/// let format: Format = "formatted-json".parse()?;
/// let file = "<chat vpos='7' no='1'>w</chat>".as_bytes();
/// let mut writer = FormatWriter::new(Vec::new(), format, WriteOptions::default())?;
/// let mut losses = Losses::new(format);
/// for comment in Comments::new(file, ReadOptions::default()) {
///     let comment = comment?;
///     losses.add(&comment);
///     writer.write(&comment)?;
/// }
/// assert!(writer.finish()?.starts_with(br#"[{"id":1,"vpos":7,"content":"w""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FormatWriter<W>(Writer<W>);

#[derive(Debug)]
enum Writer<W> {
    Xml(XmlWriter<W>),
    Formatted(FormattedWriter<W>),
    Bilibili(BilibiliWriter<W>),
    V1 {
        out: W,
        options: WriteOptions,
        comments: Vec<Comment>,
    },
}

impl<W: Write> FormatWriter<W> {
    /// A writer to `out`, which should be buffered. Nothing is written before the first comment.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) if there is [no writer](Format::is_written) for
    /// the format.
    pub fn new(out: W, format: Format, options: WriteOptions) -> io::Result<Self> {
        Ok(Self(match format {
            Format::Xml => Writer::Xml(XmlWriter::new(out, options)),
            Format::FormattedJson => Writer::Formatted(FormattedWriter::new(out, options)),
            Format::BilibiliXml => Writer::Bilibili(BilibiliWriter::new(out, options)),
            Format::V1Json => Writer::V1 {
                out,
                options,
                comments: Vec::new(),
            },
            format => return Err(unsupported(format)),
        }))
    }

    /// Writes a comment, or takes it to be written at the end ([`Format::V1Json`]).
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        match &mut self.0 {
            Writer::Xml(writer) => writer.write(comment),
            Writer::Formatted(writer) => writer.write(comment),
            Writer::Bilibili(writer) => writer.write(comment),
            Writer::V1 { comments, .. } => {
                comments.push(comment.clone());
                Ok(())
            }
        }
    }

    /// Ends the file, flushes and gives the output back.
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Writer::Xml(writer) => writer.finish(),
            Writer::Formatted(writer) => writer.finish(),
            Writer::Bilibili(writer) => writer.finish(),
            Writer::V1 {
                mut out,
                options,
                comments,
            } => {
                write_v1(&mut out, &comments, &options)?;
                Ok(out)
            }
        }
    }
}

/// The error of a format without a writer.
pub(super) fn unsupported(format: Format) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("comments cannot be written as {format}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Vpos, write_comments};

    #[test]
    fn one_at_a_time_makes_the_same_file() {
        let comments = [7, 8, 9].map(|vpos| Comment::new(Vpos(vpos), "草").thread("1").user("a"));
        let mut written = 0;
        for format in [
            Format::Xml,
            Format::V1Json,
            Format::FormattedJson,
            Format::BilibiliXml,
            Format::OwnerText,
            Format::Ass,
        ] {
            let options = WriteOptions::default();
            let mut whole = Vec::new();
            let result = write_comments(&mut whole, format, &comments, &options);
            let writer = FormatWriter::new(Vec::new(), format, options);
            assert_eq!(writer.is_ok(), format.is_written());
            assert_eq!(result.is_ok(), format.is_written());
            if let Ok(mut writer) = writer {
                comments.iter().for_each(|one| writer.write(one).unwrap());
                assert_eq!(writer.finish().unwrap(), whole);
                written += 1;
            }
        }
        assert_eq!(written, 4);
    }
}
