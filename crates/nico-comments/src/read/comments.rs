mod lines;
mod objects;
mod subtitles;

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::error::{Error, ErrorKind};
use super::json;
use super::metadata::Metadata;
use super::options::{Format, ReadOptions, Summary};
use super::source::Source;
use super::{ass, owner, xml};
use crate::{Comment, Filter, Repeats, Vpos, bilibili};

/// An iterator over the comments of a file, in file order; the format is recognised by the content.
///
/// A comment that cannot be read yields its error and reading goes on; after a
/// [fatal](Error::is_fatal) error, such as the end of the input inside a comment, iteration ends.
/// Deleted and empty comments are returned like others unless the options leave them out. Memory
/// does not grow with the file: one comment is held at a time (and, in v1 files whose thread names
/// its fork behind its comments, those of the thread up to then).
///
/// ```
/// use nico_comments::{Comments, Format, ReadOptions};
///
/// let file = r#"[{"ping":{"content":"rs:0"}},
///     {"chat":{"thread":"1","no":1,"vpos":512,"user_id":"a","content":"草"}}]"#;
/// let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
/// let bodies = comments.by_ref().map(|comment| Ok(comment?.body));
/// let bodies = bodies.collect::<Result<Vec<_>, nico_comments::Error>>()?;
/// assert_eq!(bodies, ["草"]);
/// assert_eq!(comments.summary().format, Some(Format::LegacyJson));
/// # Ok::<(), nico_comments::Error>(())
/// ```
#[derive(Debug)]
pub struct Comments<R> {
    source: Source<R>,
    path: Option<PathBuf>,
    options: ReadOptions,
    summary: Summary,
    scanner: Scanner,
    /// Comments whose thread has not named its fork yet.
    held: Vec<Comment>,
    ready: VecDeque<Result<Comment, Error>>,
    /// For `drop_repeats`.
    repeats: Repeats,
    metadata: Vec<Metadata>,
    /// What the file says that its comments cannot hold.
    lost: BTreeMap<&'static str, u64>,
    /// Whether something was met in a JSON file that has nothing to do with comments.
    met_others: bool,
    done: bool,
}

#[derive(Debug)]
enum Scanner {
    Unknown,
    Xml {
        scanner: xml::Scanner,
        root: xml::Root,
    },
    Json {
        scanner: json::Scanner,
        /// Objects that fit several formats, and errors that were met since.
        undecided: Vec<(Place, Result<Vec<u8>, ErrorKind>)>,
    },
    Lines {
        /// Whether the window is inside a line that was too long.
        passing_over: bool,
    },
    Ass {
        reader: Box<ass::Reader>,
        passing_over: bool,
    },
}

/// Byte offset and line.
type Place = (u64, u64);

/// Bytes that are looked at to recognise a file.
const HEAD: usize = 64 * 1024;

impl Comments<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened. Its content is looked at while iterating.
    pub fn open(path: impl AsRef<Path>, options: ReadOptions) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        match File::open(&path) {
            Ok(file) => {
                let mut comments = Self::new(BufReader::with_capacity(HEAD, file), options);
                comments.path = Some(path);
                Ok(comments)
            }
            Err(error) => Err(Error {
                path: Some(path),
                line: 1,
                offset: 0,
                kind: ErrorKind::Io(error),
            }),
        }
    }
}

impl<R: BufRead> Comments<R> {
    /// Reads comments from any source.
    #[must_use]
    pub fn new(reader: R, options: ReadOptions) -> Self {
        Self {
            source: Source::new(reader),
            path: None,
            options,
            summary: Summary::default(),
            scanner: Scanner::Unknown,
            held: Vec::new(),
            ready: VecDeque::new(),
            repeats: Repeats::of_comments(),
            metadata: Vec::new(),
            lost: BTreeMap::new(),
            met_others: false,
            done: false,
        }
    }

    /// What was met so far; of the whole file once the iterator has ended.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let encoding = self.source.encoding();
        Summary {
            encoding: encoding.encoding,
            declared_encoding: encoding.declared,
            ..self.summary
        }
    }

    /// What the file said around its comments so far; the first [`ReadOptions::max_metadata`] of
    /// it.
    #[must_use]
    pub fn metadata(&self) -> &[Metadata] {
        &self.metadata
    }

    /// What the file said of its comments so far that a [`Comment`] cannot hold, or that is shown in
    /// another way than there, each with the number of comments: of subtitles `effects`, `direction`
    /// and `placement`, and `drawing` and `comment line` for events that are no comments; of
    /// Bilibili's XML `direction` (from the left), `placement` (by its writer), `program` and
    /// `attributes`. Nothing for other formats.
    pub fn lost(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.lost.iter().map(|(&what, &count)| (what, count))
    }

    fn lose(&mut self, what: &'static str) {
        *self.lost.entry(what).or_default() += 1;
    }

    fn keep_metadata(&mut self, metadata: Option<Metadata>) {
        if self.metadata.len() < self.options.max_metadata {
            self.metadata.extend(metadata);
        }
    }

    /// Reads on until a comment is met, something is ready, or the end is reached.
    fn advance(&mut self) -> Result<Option<Comment>, ErrorKind> {
        let Scanner::Xml { scanner, .. } = &mut self.scanner else {
            return self.advance_others().map(|()| None);
        };
        match scanner.next(&mut self.source)? {
            xml::Found::Chat(chat) => {
                // Handed out without a stay in `ready`: a comment is large to move.
                let mut comment = match scanner.element() {
                    xml::Element::Chat => {
                        xml::comment(self.source.data(), &chat, self.options.shortcuts)
                    }
                    xml::Element::D => self.bilibili(&chat),
                };
                let kept = comment.as_mut().is_ok_and(|comment| self.keeps(comment));
                let comment = match comment {
                    Ok(comment) => kept.then_some(comment),
                    Err(kind) => {
                        self.take(Err(kind));
                        None
                    }
                };
                self.source.consume(chat.len);
                Ok(comment)
            }
            xml::Found::Metadata(metadata) => {
                self.source.consume(1);
                self.keep_metadata(Some(metadata));
                Ok(None)
            }
            xml::Found::Bad(kind, len) => self.bad(kind, len).map(|()| None),
            xml::Found::End => self.end().map(|()| None),
        }
    }

    /// [`advance`](Self::advance) of all formats but XML.
    fn advance_others(&mut self) -> Result<(), ErrorKind> {
        match &mut self.scanner {
            Scanner::Unknown | Scanner::Xml { .. } => self.recognise(),
            Scanner::Json { .. } => self.object(),
            Scanner::Ass { .. } => self.subtitle(),
            Scanner::Lines { passing_over } => {
                let passing_over = std::mem::take(passing_over);
                self.line(passing_over)
            }
        }
    }

    /// A comment of Bilibili, and what it says that is lost.
    fn bilibili(&mut self, element: &xml::Chat) -> Result<Comment, ErrorKind> {
        let (comment, others) = xml::bilibili(self.source.data(), element);
        if let Some(what) = comment.as_ref().ok().and_then(bilibili::lost) {
            self.lose(what);
        }
        if others {
            self.lose("attributes");
        }
        comment
    }

    /// Chooses a scanner by the first character, and by more where that does not tell.
    fn recognise(&mut self) -> Result<(), ErrorKind> {
        let limit = self.options.max_comment_len;
        let (shortcuts, max_metadata) = (self.options.shortcuts, self.options.max_metadata);
        let markup = |root: xml::Root| Scanner::Xml {
            scanner: xml::Scanner::new(root.element(), limit, shortcuts, max_metadata),
            root,
        };
        self.scanner = loop {
            let head = &self.source.data()[..self.source.data().len().min(HEAD)];
            let text = head
                .strip_prefix(b"\xEF\xBB\xBF")
                .unwrap_or(head)
                .trim_ascii_start();
            let all = self.source.ended() || head.len() == HEAD;
            match text.first() {
                Some(b'<') => match xml::Root::find(text) {
                    root if !root.is_settled() && !all => self.source.fill()?,
                    root => break markup(root),
                },
                Some(b'[') if text.len() < ass::BEGINNING && !all => self.source.fill()?,
                Some(b'[') if ass::begins(text) => {
                    break Scanner::Ass {
                        reader: Box::new(ass::Reader::new()),
                        passing_over: false,
                    };
                }
                Some(b'[' | b'{') => {
                    break Scanner::Json {
                        scanner: json::Scanner::new(limit),
                        undecided: Vec::new(),
                    };
                }
                _ if !all => self.source.fill()?,
                _ if owner::begins(text) => {
                    break Scanner::Lines {
                        passing_over: false,
                    };
                }
                _ if memmem::find(text, b"<chat").is_some() => break markup(xml::Root::find(text)),
                _ => return Err(ErrorKind::UnknownFormat),
            }
        };
        let format = match &self.scanner {
            Scanner::Xml { scanner, .. } => match scanner.element() {
                xml::Element::Chat => Format::Xml,
                xml::Element::D => Format::BilibiliXml,
            },
            Scanner::Lines { .. } => Format::OwnerText,
            Scanner::Ass { .. } => Format::Ass,
            Scanner::Json { .. } | Scanner::Unknown => return Ok(()),
        };
        self.set_format(format)
    }

    /// Notes the format.
    fn set_format(&mut self, found: Format) -> Result<(), ErrorKind> {
        self.summary.format = Some(found);
        match self.options.format {
            Some(expected) if expected != found => Err(ErrorKind::OtherFormat { expected, found }),
            _ => Ok(()),
        }
    }

    /// Something that is no comment though it should be, `len` bytes at the start of the window.
    fn bad(&mut self, kind: ErrorKind, len: usize) -> Result<(), ErrorKind> {
        if matches!(kind, ErrorKind::EndsEarly) {
            return Err(kind);
        }
        self.reject_in_order(kind)?;
        self.source.consume(len);
        Ok(())
    }

    /// The input has ended where it may.
    fn end(&mut self) -> Result<(), ErrorKind> {
        self.settle()?;
        self.release();
        self.done = true;
        if self.summary.comments + self.summary.rejected > 0 {
            return Ok(());
        }
        match &self.scanner {
            // `[]`, and answers that hold threads without comments, are comment files without
            // comments.
            Scanner::Json { .. } if self.summary.format.is_none() && !self.is_empty_list() => {
                Err(ErrorKind::OtherJson)
            }
            Scanner::Xml { scanner, root } => match scanner.error() {
                Some(message) => Err(ErrorKind::Service(message.to_owned())),
                None if root.is_of_comments() => Ok(()),
                None => Err(ErrorKind::OtherXml(
                    root.name().unwrap_or_default().to_owned(),
                )),
            },
            _ => Ok(()),
        }
    }

    /// Nothing can be read any more.
    fn end_with(&mut self, kind: ErrorKind) {
        self.done = true;
        self.summary.ends_early = matches!(kind, ErrorKind::EndsEarly);
        let place = self.source.place();
        let error = self.error(kind, place);
        // Whole comments that still waited for something come first. If they turn out to be none, the
        // error that ends it all says enough.
        let _ = self.settle();
        self.subtitles_end();
        self.release();
        self.ready.push_back(Err(error));
    }

    fn take(&mut self, comment: Result<Comment, ErrorKind>) {
        let place = self.source.place();
        self.take_at(comment, place);
    }

    /// Makes a comment ready, or the error at this place.
    fn take_at(&mut self, comment: Result<Comment, ErrorKind>, place: Place) {
        match comment {
            Ok(mut comment) => {
                if self.keeps(&mut comment) {
                    self.ready.push_back(Ok(comment));
                }
            }
            Err(kind) => self.reject(kind, place),
        }
    }

    /// Counts a comment that cannot be read and makes its error ready.
    fn reject(&mut self, kind: ErrorKind, place: Place) {
        self.summary.rejected += 1;
        let error = self.error(kind, place);
        self.ready.push_back(Err(error));
    }

    /// Counts a comment and changes it as the options say. Whether they leave it in.
    fn keeps(&mut self, comment: &mut Comment) -> bool {
        self.summary.comments += 1;
        self.summary.unreadable += u64::from(has_replacement(&comment.body));
        self.summary.deleted += u64::from(comment.is_deleted());
        self.summary.owner += u64::from(comment.is_owner());
        let options = &self.options;
        if (options.drop_deleted && comment.is_deleted())
            || (options.drop_empty && comment.body.is_empty())
        {
            return false;
        }
        if options.drop_repeats && !self.repeats.keeps(comment) {
            return false;
        }
        if let (Some(start), Some(date)) = (options.recording_start, comment.date) {
            comment.vpos = since(start, (date, comment.date_usec.unwrap_or(0)));
            comment.vpos_rest_ms = 0;
        }
        comment.vpos = comment.vpos + options.shift;
        if let (Some(key), Some(user)) = (&options.hash_users, &comment.user)
            && self.summary.format != Some(Format::FormattedJson)
            && let Some(hash) = key.hash(user)
        {
            comment.user = Some(hash);
        }
        true
    }

    fn error(&self, kind: ErrorKind, (offset, line): Place) -> Error {
        Error {
            path: self.path.clone(),
            line,
            offset,
            kind,
        }
    }
}

/// Whether a text holds U+FFFD, which stands for what could not be decoded. Looks for the second of
/// its three bytes, the rarest in Japanese: every comment comes by here.
fn has_replacement(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xBF, bytes)
        .any(|at| bytes[..at].ends_with(b"\xEF") && bytes[at..].starts_with(b"\xBF\xBD"))
}

/// The time from one moment to another, in whole centiseconds.
fn since(start: (i64, u32), date: (i64, u32)) -> Vpos {
    let micros = i64::from(date.1) - i64::from(start.1);
    Vpos(
        date.0
            .saturating_sub(start.0)
            .saturating_mul(100)
            .saturating_add(micros.div_euclid(10_000)),
    )
}

impl<R: BufRead> Iterator for Comments<R> {
    type Item = Result<Comment, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.done {
                return None;
            }
            match self.advance() {
                Ok(Some(comment)) => return Some(Ok(comment)),
                Ok(None) => {}
                Err(kind) => self.end_with(kind),
            }
        }
    }
}

impl<R: BufRead> FusedIterator for Comments<R> {}

#[cfg(test)]
mod tests;
