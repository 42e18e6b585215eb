use std::io::BufRead;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::attributes::{decode, forgiving};
use crate::read::error::ErrorKind;
use crate::read::metadata::Metadata;
use crate::read::source::Source;
use crate::read::text::lossy;

pub(super) const CDATA: &[u8] = b"<![CDATA[";
pub(super) const CDATA_END: &[u8] = b"]]>";

const ERROR: &[u8] = b"<error>";
/// Longest `error` element that is looked at.
const MAX_ERROR: usize = 1024;

/// The element that a comment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// `chat`, of the message server.
    Chat,
    /// `d`, of Bilibili.
    D,
}

/// An [`Element`] as a type, so that looking for its name costs nothing.
trait Tag {
    const NAME: &[u8];
    /// How its end tag is mostly written.
    const END: &[u8];
}

struct ChatTag;

impl Tag for ChatTag {
    const NAME: &[u8] = b"chat";
    const END: &[u8] = b"</chat>";
}

struct DTag;

impl Tag for DTag {
    const NAME: &[u8] = b"d";
    const END: &[u8] = b"</d>";
}

/// Cuts the comments' elements out of a stream and passes over everything else.
#[derive(Debug)]
pub(crate) struct Scanner {
    element: Element,
    limit: usize,
    shortcuts: bool,
    /// The text of the first `error` element.
    error: Option<String>,
    /// How many elements around the comments are to be handed out.
    max_metadata: usize,
    /// Up to where the end of a comment, section or declaration was looked for and not found. One
    /// that begins before that is taken for stray as well, so that thousands of them do not cost a
    /// look at the whole window each.
    stray_until: u64,
}

/// A whole element of a comment at the start of the window.
#[derive(Debug)]
pub(crate) struct Chat {
    /// Where its attributes are, from behind the name to before `>` or `/>`.
    pub(crate) attributes: Range<usize>,
    /// Where its text is.
    pub(crate) text: Range<usize>,
    /// Its length, end tag included.
    pub(crate) len: usize,
}

/// What stands at the start of the window after [`Scanner::next`].
#[derive(Debug)]
pub(crate) enum Found {
    /// A comment. The caller consumes it.
    Chat(Chat),
    /// An element around the comments. Its first byte is to be consumed and no more, so that what
    /// is read behind it does not depend on whether it was looked at.
    Metadata(Metadata),
    /// What is no comment though it begins like one; the length is to be consumed.
    Bad(ErrorKind, usize),
    /// Nothing: the stream has ended.
    End,
}

/// How looking for something in a window ended.
enum Seek<T> {
    Found(T),
    /// Another comment begins here.
    Other(usize),
    /// The window ends before it is decided.
    More,
}

impl Scanner {
    pub(crate) fn new(
        element: Element,
        limit: Option<usize>,
        shortcuts: bool,
        max_metadata: usize,
    ) -> Self {
        Self {
            element,
            limit: limit.unwrap_or(usize::MAX),
            shortcuts,
            error: None,
            max_metadata,
            stray_until: 0,
        }
    }

    /// The element that a comment is.
    pub(crate) fn element(&self) -> Element {
        self.element
    }

    /// The text of the first `error` element met: what a past-log service says instead of comments.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Moves the window to the next comment.
    pub(crate) fn next<R: BufRead>(&mut self, source: &mut Source<R>) -> Result<Found, ErrorKind> {
        match self.element {
            Element::Chat => self.next_of::<ChatTag, R>(source),
            Element::D => self.next_of::<DTag, R>(source),
        }
    }

    fn next_of<T: Tag, R: BufRead>(&mut self, source: &mut Source<R>) -> Result<Found, ErrorKind> {
        loop {
            let data = source.data();
            let at = memchr(b'<', data).unwrap_or(data.len());
            source.consume(at);
            match self.markup::<T>(source.data(), source.ended(), source.offset()) {
                Markup::Chat(chat) => return Ok(Found::Chat(chat)),
                Markup::Metadata(metadata) => return Ok(Found::Metadata(metadata)),
                Markup::Bad(kind, len) => return Ok(Found::Bad(kind, len)),
                Markup::Skip(len) => source.consume(len),
                Markup::More if source.ended() => return Ok(Found::End),
                Markup::More => source.fill()?,
            }
        }
    }

    /// What begins at the `<` at the start of `data` (or at its end, if it is empty).
    fn markup<T: Tag>(&mut self, data: &[u8], ended: bool, offset: u64) -> Markup {
        match chat_start::<T>(data) {
            Seek::Found(name_end) => self.chat::<T>(data, name_end, ended),
            Seek::More if !ended || data.is_empty() => Markup::More,
            Seek::More if local_name(&data[1..]) == T::NAME => {
                Markup::Bad(ErrorKind::EndsEarly, data.len())
            }
            Seek::More | Seek::Other(_) => self.passed_over(data, ended, offset),
        }
    }

    /// How much is passed over of what is no comment.
    ///
    /// What begins with `<!` is passed over as a whole if it ends within the limit. If not, it is
    /// taken for a stray opening, so that it cannot swallow the file.
    fn passed_over(&mut self, data: &[u8], ended: bool, offset: u64) -> Markup {
        if data.starts_with(b"<!") && offset >= self.stray_until {
            let window = &data[..data.len().min(self.limit)];
            match declaration_len(window) {
                Some(len) => return Markup::Skip(len),
                None if window.len() < self.limit && !ended => return Markup::More,
                None => self.stray_until = offset + window.len() as u64,
            }
        }
        if self.error.is_none() && data.starts_with(ERROR) {
            let window = &data[..data.len().min(MAX_ERROR)];
            match memmem::find(window, b"</error>") {
                Some(end) => {
                    let text = String::from_utf8_lossy(&window[ERROR.len()..end]);
                    self.error = Some(decode(&text).into_owned());
                }
                None if window.len() < MAX_ERROR && !ended => return Markup::More,
                None => {}
            }
        }
        if self.max_metadata > 0 {
            let found = metadata(data, ended);
            self.max_metadata -= usize::from(matches!(found, Markup::Metadata(_)));
            return found;
        }
        Markup::Skip(1)
    }

    /// A comment at the start of `data`, its name ending at `name_end`.
    ///
    /// Nothing behind the limit is looked at, so that the result is the same in whatever pieces the
    /// stream comes.
    fn chat<T: Tag>(&self, data: &[u8], name_end: usize, ended: bool) -> Markup {
        let window = &data[..data.len().min(self.limit)];
        let last = ended || data.len() > self.limit;
        match find_chat::<T>(window, name_end, last, self.shortcuts) {
            Seek::Found(chat) => Markup::Chat(chat),
            Seek::Other(at) => Markup::Bad(ErrorKind::Unclosed, at),
            Seek::More if data.len() > self.limit => {
                Markup::Bad(ErrorKind::TooLong(self.limit), self.limit.max(1))
            }
            Seek::More if ended => Markup::Bad(ErrorKind::EndsEarly, data.len()),
            Seek::More => Markup::More,
        }
    }
}

/// Longest tag around the comments that is looked at.
const MAX_METADATA: usize = 4096;

/// The element of the message server at the start of `data`; anything else is passed over.
fn metadata(data: &[u8], ended: bool) -> Markup {
    let window = &data[..data.len().min(MAX_METADATA)];
    let last = ended || window.len() == MAX_METADATA;
    let Seek::Found(name) = name(window.get(1..).unwrap_or_default()) else {
        return if last { Markup::Skip(1) } else { Markup::More };
    };
    let local = local_name(name);
    if !Metadata::is_name(local) {
        return Markup::Skip(1);
    }
    let begin = 1 + name.len();
    match any_tag_end::<ChatTag>(window, begin, last) {
        Seek::Found(end) => {
            let mut metadata = Metadata::new(&lossy(local));
            let tag = lossy(&window[begin..end]);
            let tag = tag.strip_suffix('/').unwrap_or(&tag);
            forgiving(tag, |name, value| metadata.push(name, value));
            Markup::Metadata(metadata)
        }
        Seek::More if !last => Markup::More,
        Seek::More | Seek::Other(_) => Markup::Skip(1),
    }
}

/// The length of the comment, CDATA section or declaration at the start of `window`, if it ends in
/// there. A declaration ends at a `>` outside quotes, or before a `<` there; a DOCTYPE also at the
/// `[` behind which its entities are declared.
fn declaration_len(window: &[u8]) -> Option<usize> {
    for (opening, terminator) in [(&b"<!--"[..], &b"-->"[..]), (CDATA, CDATA_END)] {
        if window.starts_with(opening) {
            return memmem::find(window, terminator).map(|at| at + terminator.len());
        }
    }
    let mut quote = None;
    for (at, &byte) in window.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>' | b'[') => return Some(at + 1),
            (None, b'<') if at > 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// What begins at a `<`.
enum Markup {
    Chat(Chat),
    Metadata(Metadata),
    Bad(ErrorKind, usize),
    Skip(usize),
    More,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The part of a name behind its prefix.
pub(super) fn local_name(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// Longest name, prefix included, that is looked at. Longer ones are no comment's.
const MAX_NAME: usize = 64;

/// The name behind a `<` or `</`: found with its end, or undecided. Ends at white space, `/` or
/// `>`.
fn name(data: &[u8]) -> Seek<&[u8]> {
    let window = &data[..data.len().min(MAX_NAME)];
    match window
        .iter()
        .position(|&b| is_space(b) || matches!(b, b'/' | b'>' | b'<' | b'&' | b'"' | b'\'' | b'='))
    {
        Some(end) => Seek::Found(&window[..end]),
        None if window.len() == MAX_NAME => Seek::Found(&[]),
        None => Seek::More,
    }
}

/// Whether a comment begins at the start of `data`: the end of its name, or `Other` if something
/// else does.
fn chat_start<T: Tag>(data: &[u8]) -> Seek<usize> {
    let Some(behind) = data.strip_prefix(b"<") else {
        return if data.is_empty() {
            Seek::More
        } else {
            Seek::Other(0)
        };
    };
    if let Some([b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>', ..]) = behind.strip_prefix(T::NAME) {
        return Seek::Found(1 + T::NAME.len());
    }
    match name(behind) {
        Seek::Found(name) => {
            let next = behind[name.len()];
            let ends = is_space(next) || matches!(next, b'/' | b'>');
            if ends && local_name(name) == T::NAME {
                Seek::Found(1 + name.len())
            } else {
                Seek::Other(0)
            }
        }
        Seek::More | Seek::Other(_) => Seek::More,
    }
}

/// Whether another comment begins here: its name with white space behind. `More` if the
/// window ends before that.
fn other_chat<T: Tag>(data: &[u8]) -> Seek<()> {
    match chat_start::<T>(data) {
        Seek::Found(end) if is_space(data[end]) => Seek::Other(0),
        Seek::More => Seek::More,
        Seek::Found(_) | Seek::Other(_) => Seek::Found(()),
    }
}

fn find_chat<T: Tag>(data: &[u8], name_end: usize, last: bool, shortcuts: bool) -> Seek<Chat> {
    let plain = plain_tag_end(data, name_end).filter(|_| shortcuts);
    let gt = match plain.map_or_else(|| any_tag_end::<T>(data, name_end, last), Seek::Found) {
        Seek::Found(gt) => gt,
        Seek::Other(at) => return Seek::Other(at),
        Seek::More => return Seek::More,
    };
    if data[gt - 1] == b'/' {
        return Seek::Found(Chat {
            attributes: name_end..gt - 1,
            text: gt..gt,
            len: gt + 1,
        });
    }
    match text_end::<T>(data, gt + 1, last) {
        Seek::Found((end, len)) => Seek::Found(Chat {
            attributes: name_end..gt,
            text: gt + 1..end,
            len,
        }),
        Seek::Other(at) => Seek::Other(at),
        Seek::More => Seek::More,
    }
}

/// [`any_tag_end`] of a tag as tags mostly are: up to the first `>` nothing but whole "values".
fn plain_tag_end(data: &[u8], from: usize) -> Option<usize> {
    let len = memchr3(b'>', b'<', b'\'', data.get(from..)?)?; // a limit may cut the name off
    let quotes = memchr_iter(b'"', &data[from..from + len]).count();
    (data[from + len] == b'>' && quotes.is_multiple_of(2)).then_some(from + len)
}

/// Where the `>` of a start tag is; one inside quotes is not it.
fn any_tag_end<T: Tag>(data: &[u8], from: usize, last: bool) -> Seek<usize> {
    let mut quote = None;
    for (at, &byte) in data.iter().enumerate().skip(from) {
        match (quote, byte) {
            (_, b'<') => match other_chat::<T>(&data[at..]) {
                Seek::Other(_) => return Seek::Other(at),
                Seek::More if !last => return Seek::More,
                Seek::More | Seek::Found(()) => {}
            },
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Seek::Found(at),
            _ => {}
        }
    }
    Seek::More
}

/// Where the text that begins at `from` ends, and where its end tag does.
fn text_end<T: Tag>(data: &[u8], from: usize, last: bool) -> Seek<(usize, usize)> {
    let mut at = from;
    let mut no_section_ends = false; // once one does not, none behind it does: looked for once
    while let Some(found) = memchr(b'<', &data[at..]) {
        at += found;
        let rest = &data[at..];
        if rest.starts_with(CDATA) {
            let end = if no_section_ends {
                None
            } else {
                memmem::find(rest, CDATA_END)
            };
            match end {
                Some(end) => at += end + CDATA_END.len(),
                None if last => {
                    at += CDATA.len(); // never closed: then it is text
                    no_section_ends = true;
                }
                None => return Seek::More,
            }
            continue;
        }
        if rest.len() < CDATA.len() && !last {
            return Seek::More;
        }
        match end_tag::<T>(rest) {
            Seek::Found(len) => return Seek::Found((at, at + len)),
            Seek::More if !last => return Seek::More,
            Seek::More | Seek::Other(_) => {}
        }
        match other_chat::<T>(rest) {
            Seek::Other(_) => return Seek::Other(at),
            Seek::More if !last => return Seek::More,
            Seek::More | Seek::Found(()) => at += 1,
        }
    }
    Seek::More
}

/// The length of the end tag at the start of `data`, white space before its `>` included.
fn end_tag<T: Tag>(data: &[u8]) -> Seek<usize> {
    if data.starts_with(T::END) {
        return Seek::Found(T::END.len());
    }
    let Some(behind) = data.strip_prefix(b"</") else {
        return if data == b"<" {
            Seek::More
        } else {
            Seek::Other(0)
        };
    };
    match name(behind) {
        Seek::Found(name) if local_name(name) == T::NAME => {
            match behind[name.len()..].iter().position(|&b| !is_space(b)) {
                Some(spaces) if behind[name.len() + spaces] == b'>' => {
                    Seek::Found(2 + name.len() + spaces + 1)
                }
                Some(_) => Seek::Other(0),
                None => Seek::More,
            }
        }
        Seek::Found(_) | Seek::Other(_) => Seek::Other(0),
        Seek::More => Seek::More,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_find_the_same_end(tag in "([a-z= ]|\"|'|<|<chat |>|\"[a-z]{0,3}\"){0,16}") {
            if let Some(end) = plain_tag_end(tag.as_bytes(), 0) {
                prop_assert!(matches!(any_tag_end::<ChatTag>(tag.as_bytes(), 0, true), Seek::Found(found) if found == end));
            }
        }
    }
}
