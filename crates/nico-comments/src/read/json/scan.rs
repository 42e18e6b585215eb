use std::io::BufRead;

use super::bracket::Bracket;
use super::object::{Name, Scanned, scan_object, swallows};
use super::value::{Lexer, Value, is_space, members, string_len};
use crate::Fork;
use crate::read::error::ErrorKind;
use crate::read::metadata::Metadata;
use crate::read::source::Source;

/// Walks the brackets of a stream and cuts out the objects that may be comments.
#[derive(Debug)]
pub(crate) struct Scanner {
    limit: usize,
    /// The brackets around the window that may hold comments. A handful at most: others are passed
    /// over by `skipping`.
    open: Vec<Bracket>,
    /// A value that is being passed over.
    skipping: Option<Lexer>,
    thread: Thread,
    /// Whether the object at the top is longer than the limit and held no list so far.
    long: bool,
    /// Whether any list was met that comments may be in.
    met_list: bool,
    /// Whether anything but objects was met in a list, or at the top.
    met_strays: bool,
}

/// The thread that the comments belong to, as far as it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    /// Its id.
    pub(crate) id: Option<String>,
    /// Its fork. `None` as long as none was met.
    pub(crate) fork: Option<Fork>,
    /// All that it says in texts and numbers, these two included. `None` before it says anything.
    metadata: Option<Metadata>,
}

/// Where an object that may be a comment was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// On its own, or in an array at the top.
    Listed,
    /// In the comments of a v1 thread.
    OfThread,
    /// In the packet of a past log.
    OfPacket,
}

/// What the scanner found.
#[derive(Debug)]
pub(crate) enum Found {
    /// An object at the start of the window, of this length. The caller consumes it.
    Object(Item, usize),
    /// A thread has ended: everything that can be known of it is.
    ThreadEnd,
    /// Something that cannot be read; the length is to be consumed.
    Bad(ErrorKind, usize),
    /// The stream has ended.
    End,
}

/// What stands at the start of the window.
enum Step {
    /// Pass over so many bytes.
    Skip(usize),
    /// Pass over a value that begins behind so many bytes.
    SkipValue(usize),
    /// Go into a bracket behind so many bytes.
    Open(Bracket, usize),
    /// Go into an object, and in it into the list behind so many bytes; what came before the list
    /// says who it belongs to.
    OpenThread(Bracket, Bracket, usize),
    /// Go into an object whose members do not fit the window.
    OpenLong(Bracket),
    Close,
    Object(Item, usize),
    Bad(ErrorKind),
    /// A damaged object: the next begins behind so many bytes.
    Broken(usize),
    More,
}

impl Scanner {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        Self {
            limit: limit.unwrap_or(usize::MAX),
            open: Vec::new(),
            skipping: None,
            thread: Thread::default(),
            long: false,
            met_list: false,
            met_strays: false,
        }
    }

    /// The thread around the object found last, or the one that has just ended.
    pub(crate) fn thread(&self) -> &Thread {
        &self.thread
    }

    /// What the thread that has just ended said of itself, if that makes it a thread.
    pub(crate) fn metadata(&mut self) -> Option<Metadata> {
        let metadata = self.thread.metadata.take()?;
        let named = self.thread.id.is_some() || self.thread.fork.is_some();
        named.then_some(metadata)
    }

    /// Takes the comments of the thread for viewers' without waiting for its fork any longer.
    pub(crate) fn give_up_fork(&mut self) {
        self.thread.fork = Some(Fork::Main);
    }

    /// Whether a list was met that comments may be in, which makes it a comment file be there none.
    pub(crate) fn met_list(&self) -> bool {
        self.met_list
    }

    /// Whether anything but objects was met where comments may be.
    pub(crate) fn met_strays(&self) -> bool {
        self.met_strays
    }

    /// Moves the window to the next object that may be a comment.
    pub(crate) fn next<R: BufRead>(&mut self, source: &mut Source<R>) -> Result<Found, ErrorKind> {
        loop {
            if let Some(lexer) = &mut self.skipping {
                if let Some(len) = lexer.skip(source.data()) {
                    self.skipping = None;
                    source.consume(len);
                } else {
                    let whole = self.open.is_empty() && lexer.in_scalar();
                    source.consume(source.data().len());
                    if source.ended() && whole {
                        return Ok(Found::End);
                    }
                    if source.ended() {
                        return Ok(Found::Bad(ErrorKind::EndsEarly, 0));
                    }
                    source.fill()?;
                }
                continue;
            }
            let blank = blank_len(source.data());
            source.consume(blank);
            if source.data().first() == Some(&0xEF) && source.data().len() < 3 && !source.ended() {
                source.fill()?; // it may be a byte-order mark
                continue;
            }
            let step = match self.open.last() {
                _ if source.data().is_empty() => Step::More,
                Some(&bracket) if bracket.is_object() => self.in_object(bracket, source.data()),
                inside => self.in_list(inside.copied(), source.data()),
            };
            match step {
                Step::Skip(len) => source.consume(len),
                Step::SkipValue(len) => {
                    source.consume(len);
                    self.skipping = Some(Lexer::default());
                }
                Step::Open(bracket, len) => {
                    self.long = false;
                    self.met_list = true;
                    self.open.push(bracket);
                    source.consume(len);
                }
                Step::OpenThread(outer, inner, len) => {
                    self.thread = Thread::default();
                    let before = &source.data()[..len];
                    members(before)
                        .map_while(Result::ok)
                        .for_each(|(name, value)| self.thread.set(&name, value));
                    self.met_list = true;
                    self.open.extend([outer, inner]);
                    source.consume(len);
                }
                Step::OpenLong(bracket) => {
                    self.thread = Thread::default();
                    self.long = bracket == Bracket::Top;
                    self.open.push(bracket);
                    source.consume(1);
                }
                Step::Close => {
                    source.consume(1);
                    match self.open.pop() {
                        Some(Bracket::Top) if std::mem::take(&mut self.long) => {
                            return Ok(Found::Bad(ErrorKind::TooLong(self.limit), 0));
                        }
                        Some(Bracket::Thread | Bracket::Top) => return Ok(Found::ThreadEnd),
                        _ => {}
                    }
                }
                Step::Object(item, len) => return Ok(Found::Object(item, len)),
                Step::Broken(len) => return Ok(Found::Bad(ErrorKind::Unclosed, len)),
                Step::Bad(kind) => {
                    self.skipping = Some(Lexer::default());
                    return Ok(Found::Bad(kind, 0));
                }
                Step::More if !source.ended() => source.fill()?,
                Step::More if self.open.is_empty() && source.data().is_empty() => {
                    return Ok(Found::End);
                }
                Step::More => return Ok(Found::Bad(ErrorKind::EndsEarly, source.data().len())),
            }
        }
    }

    /// The next step between the elements of a list, or at the top.
    fn in_list(&mut self, list: Option<Bracket>, data: &[u8]) -> Step {
        match data[0] {
            b'{' => self.object(list, data),
            b'[' if list.is_none() => Step::Open(Bracket::List, 1),
            b']' if list.is_some() => Step::Close,
            b']' | b'}' | b':' => Step::Skip(1), // a stray one
            b'"' => {
                self.met_strays = true;
                self.stray_string(data)
            }
            _ => {
                self.met_strays = true;
                Step::SkipValue(0)
            }
        }
    }

    /// The next step at a string in a list, where none belongs: up to the object that it swallowed,
    /// or over it.
    fn stray_string(&self, data: &[u8]) -> Step {
        let window = &data[..data.len().min(self.limit)];
        let swallowed =
            string_len(window).map(|len| (len, swallows(&window[..len], &window[len..])));
        match swallowed {
            Some((_, Some(Some(brace)))) => Step::Skip(brace),
            Some((len, Some(None))) => Step::Skip(len),
            _ if data.len() > self.limit => Step::SkipValue(0),
            _ => Step::More,
        }
    }

    /// The next step at an object in a list, or at the top: whole if it ends within the limit, gone
    /// into if it holds a list of comments.
    fn object(&self, list: Option<Bracket>, data: &[u8]) -> Step {
        let window = &data[..data.len().min(self.limit)];
        let role = match list {
            None => Some(Bracket::Top),
            Some(Bracket::List | Bracket::Threads) => Some(Bracket::Thread),
            Some(_) => None,
        };
        match scan_object(window, role) {
            Scanned::Whole(len) => Step::Object(
                match list {
                    Some(Bracket::Comments) => Item::OfThread,
                    Some(Bracket::Packet) => Item::OfPacket,
                    _ => Item::Listed,
                },
                len,
            ),
            Scanned::Holds(inner, len) => Step::OpenThread(
                role.expect("only objects with a role hold lists"),
                inner,
                len,
            ),
            Scanned::Broken(len) => Step::Broken(len),
            Scanned::Open if data.len() <= self.limit => Step::More,
            Scanned::Open => match list {
                None => Step::OpenLong(Bracket::Top),
                Some(Bracket::Threads) => Step::OpenLong(Bracket::Thread),
                Some(_) => Step::Bad(ErrorKind::TooLong(self.limit)),
            },
        }
    }

    /// The next step between the members of an object that was gone into.
    fn in_object(&mut self, bracket: Bracket, data: &[u8]) -> Step {
        match data[0] {
            b'}' => return Step::Close,
            b'"' => {}
            b']' | b':' => return Step::Skip(1), // a stray one
            _ => return Step::SkipValue(0),
        }
        let window = &data[..data.len().min(self.limit)];
        let name = match Name::read(window) {
            Name::Found(name) => name,
            Name::None(len) => return Step::Skip(len),
            Name::Open if data.len() > self.limit => return Step::SkipValue(0),
            Name::Open => return Step::More,
        };
        if let Some(inner) = bracket.opens(&window[name.text], window[name.value]) {
            return Step::Open(inner, name.value + 1);
        }
        let mut lexer = Lexer::default();
        match lexer.skip(&window[name.value..]) {
            Some(len) => {
                let mut member = window[..name.value + len].to_vec();
                member.insert(0, b'{');
                member.push(b'}');
                members(&member)
                    .map_while(Result::ok)
                    .for_each(|(name, value)| self.thread.set(&name, value));
                Step::Skip(name.value + len)
            }
            None if data.len() > self.limit => Step::SkipValue(name.value),
            None => Step::More,
        }
    }
}

impl Thread {
    fn set(&mut self, name: &str, value: Value<'_>) {
        let text = value.into_text();
        match name {
            "id" => self.id = text.as_deref().map(str::to_owned),
            "fork" => self.fork = text.as_deref().map(Fork::parse),
            _ => {}
        }
        if let Some(text) = text {
            let metadata = self.metadata.get_or_insert_with(|| Metadata::new("thread"));
            metadata.push(name, text);
        }
    }
}

/// White space, commas and byte-order marks: what may stand between values.
fn blank_len(data: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match data.get(at) {
            Some(&byte) if is_space(byte) || byte == b',' => at += 1,
            Some(0xEF) if data[at..].starts_with(b"\xEF\xBB\xBF") => at += 3,
            _ => return at,
        }
    }
}
