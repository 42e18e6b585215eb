//! The collection: all pages as one file, in the order of the numbers, each comment once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use crate::error::Error;
use crate::numbers::{Seen, number};
use crate::page::Page;
use crate::store::{Folder, Kind, PageRecord, State, collection_name};
use nico_comments::{
    Comment, Fork, Format, WriteError, WriteOptions, XmlWriter, write_v1, write_whole,
};

/// Numbers further apart than this are not of one page, but for strays.
const JUMP: i64 = 1000;

/// Comments of a thread that are turned into JSON at a time.
const CHUNK: usize = 1000;

/// Writes the collection of a video and removes an earlier run's in another format. The name of its
/// file, and that of one in another format that no run wrote.
pub(crate) fn assemble(
    folder: &Folder,
    state: &State,
    format: Format,
) -> Result<(&'static str, Option<&'static str>), Error> {
    let name = collection_name(format).ok_or(Error::Format(format))?;
    folder.claim(name)?;
    let mut failure = None;
    let path = folder.path(name);
    let written = write_whole(&path, |out| {
        let result = match format {
            Format::V1Json => write_json(folder, state, out),
            _ => write_xml(folder, state, out),
        };
        result.map_err(|error| match error {
            Error::Write(WriteError::Io { source, .. }) => source,
            other => {
                failure = Some(other);
                io::Error::other("the pages cannot be read")
            }
        })
    });
    match (failure, written) {
        (Some(failure), _) => Err(failure),
        (None, written) => {
            written?;
            Ok((name, folder.remove_other(name)?))
        }
    }
}

fn write_xml(folder: &Folder, state: &State, out: &mut dyn Write) -> Result<(), Error> {
    let out_error = |error| {
        Error::Write(WriteError::Io {
            path: folder.path("comments.xml"),
            source: error,
        })
    };
    let mut writer = XmlWriter::new(out, WriteOptions::default());
    for thread in 0..state.threads.len() {
        let mut merged = Merged::new(folder, state, thread)?;
        while let Some(comment) = merged.next()? {
            writer.write(&comment).map_err(out_error)?;
        }
    }
    writer.finish().map_err(out_error)?;
    Ok(())
}

/// Writes what [`write_v1`] would of all comments, without holding them all.
fn write_json(folder: &Folder, state: &State, out: &mut dyn Write) -> Result<(), Error> {
    let out_error = |error| {
        Error::Write(WriteError::Io {
            path: folder.path("comments.json"),
            source: error,
        })
    };
    let mut counts = Vec::new();
    for thread in 0..state.threads.len() {
        let mut merged = Merged::new(folder, state, thread)?;
        let mut count = 0_u64;
        while merged.next()?.is_some() {
            count += 1;
        }
        counts.push(count);
    }
    let mut ids: Vec<(&str, u64)> = Vec::new();
    for (thread, count) in state.threads.iter().zip(&counts) {
        match ids.iter_mut().find(|(id, _)| *id == thread.id) {
            Some((_, sum)) => *sum += count,
            None => ids.push((&thread.id, *count)),
        }
    }
    // Ids and forks are letters, digits, - and _: nothing to escape.
    let global: Vec<String> = ids
        .iter()
        .map(|(id, count)| format!(r#"{{"id":"{id}","count":{count}}}"#))
        .collect();
    write!(
        out,
        r#"{{"meta":{{"status":200}},"data":{{"globalComments":[{}],"threads":["#,
        global.join(",")
    )
    .map_err(out_error)?;
    for (index, (thread, count)) in state.threads.iter().zip(&counts).enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let (id, fork) = (&thread.id, &thread.fork);
        write!(
            out,
            r#"{comma}{{"id":"{id}","fork":"{fork}","commentCount":{count},"comments":["#
        )
        .map_err(out_error)?;
        let mut merged = Merged::new(folder, state, index)?;
        let (mut chunk, mut first) = (Vec::new(), true);
        loop {
            let comment = merged.next()?;
            let ended = comment.is_none();
            chunk.extend(comment);
            if chunk.len() >= CHUNK || (ended && !chunk.is_empty()) {
                let objects = objects(&chunk).map_err(out_error)?;
                if !first {
                    out.write_all(b",").map_err(out_error)?;
                }
                out.write_all(&objects).map_err(out_error)?;
                first = false;
                chunk.clear();
            }
            if ended {
                break;
            }
        }
        out.write_all(b"]}").map_err(out_error)?;
    }
    out.write_all(b"]}}").map_err(out_error)?;
    Ok(())
}

/// Comments of one thread as v1 objects, commas between: the inside of the only list of comments
/// that [`write_v1`] writes.
fn objects(comments: &[Comment]) -> io::Result<Vec<u8>> {
    const BEGIN: &[u8] = br#""comments":["#;
    const END: &[u8] = b"]}]}}";
    let mut answer = Vec::new();
    write_v1(&mut answer, comments, &WriteOptions::default())?;
    let begin = memchr::memmem::find(&answer, BEGIN).map(|at| at + BEGIN.len());
    let inside = begin.and_then(|begin| answer.get(begin..)?.strip_suffix(END));
    inside
        .map(<[u8]>::to_vec)
        .ok_or_else(|| io::Error::other("the comments make no list"))
}

/// The comments of a thread from all its pages, in ascending order of number, each once. Holds the
/// pages that overlap at this point, which are two of a well-behaved service.
struct Merged<'a> {
    folder: &'a Folder,
    id: &'a str,
    fork: Fork,
    /// Pages that were not opened yet, the one with the lowest number last.
    closed: Vec<(i64, &'a PageRecord)>,
    /// The next comment of each open part of a page, lowest first: its number, the part and the
    /// place in it.
    open: BinaryHeap<Reverse<(i64, u64, usize)>>,
    pages: Vec<(u64, Vec<Comment>)>,
    /// Parts of pages that were opened so far.
    opened: u64,
    seen: Seen,
}

impl<'a> Merged<'a> {
    fn new(folder: &'a Folder, state: &'a State, thread: usize) -> Result<Self, Error> {
        let record = &state.threads[thread];
        let mut merged = Self {
            folder,
            id: &record.id,
            fork: Fork::parse(&record.fork),
            closed: Vec::new(),
            open: BinaryHeap::new(),
            pages: Vec::new(),
            opened: 0,
            seen: Seen::default(),
        };
        for page in state.pages.iter().filter(|page| page.thread == thread) {
            let comments = merged.read(page)?;
            if let Some(first) = comments.first() {
                merged.closed.push((number(first).unwrap_or(0), page));
            }
        }
        merged
            .closed
            .sort_by_key(|&(lowest, page)| Reverse((lowest, page.file)));
        Ok(merged)
    }

    fn read(&self, page: &PageRecord) -> Result<Vec<Comment>, Error> {
        let page_read = self.folder.load_page(Kind::Threads, page)?;
        let page_read = page_read.and_then(|body| Page::read(&body, self.id, &self.fork));
        let damaged = |source| Error::Damaged {
            path: self.folder.page_path(Kind::Threads, page.file),
            source,
        };
        Ok(page_read.map_err(damaged)?.comments)
    }

    /// Adds the comments of a page, in parts where numbers jump: a comment that strayed into the
    /// page of an old second must not keep the rest of it in memory until its number comes.
    fn open_page(&mut self, first: i64, mut comments: Vec<Comment>) {
        let far = |two: &[Comment]| match (number(&two[0]), number(&two[1])) {
            (Some(before), Some(behind)) => behind - before > JUMP,
            _ => false,
        };
        while let Some(at) = comments.windows(2).rposition(far) {
            let part = comments.split_off(at + 1);
            self.open_part(part.first().and_then(number).unwrap_or(first), part);
        }
        self.open_part(first, comments);
    }

    fn open_part(&mut self, first: i64, part: Vec<Comment>) {
        self.opened += 1;
        self.open.push(Reverse((first, self.opened, 0)));
        self.pages.push((self.opened, part));
    }

    fn next(&mut self) -> Result<Option<Comment>, Error> {
        loop {
            let lowest = self.open.peek().map(|Reverse((lowest, ..))| *lowest);
            match self.closed.last() {
                Some(&(first, page)) if lowest.is_none_or(|lowest| first <= lowest) => {
                    self.closed.pop();
                    let comments = self.read(page)?;
                    self.open_page(first, comments);
                    continue;
                }
                _ => {}
            }
            let Some(Reverse((last, part, at))) = self.open.pop() else {
                return Ok(None);
            };
            let Some(slot) = self.pages.iter().position(|(open, _)| *open == part) else {
                continue;
            };
            let comments = &mut self.pages[slot].1;
            let comment = std::mem::take(&mut comments[at]);
            match comments.get(at + 1) {
                // One without a number stays behind what it followed.
                Some(next) => self
                    .open
                    .push(Reverse((number(next).unwrap_or(last), part, at + 1))),
                None => drop(self.pages.swap_remove(slot)),
            }
            if self.seen.insert(&comment) {
                return Ok(Some(comment));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nico_comments::Vpos;

    #[test]
    fn objects_are_those_of_the_writer() {
        let comment = |body: &str| Comment::new(Vpos(7), body).thread("1").no(2);
        let comments = [comment("\"comments\":["), comment("]}]}}")];
        let inside = objects(&comments).unwrap();
        let answer = [
            br#"{"data":{"threads":[{"id":"1","fork":"main","comments":["#,
            &inside[..],
            b"]}]}}",
        ]
        .concat();
        let page = Page::read(&answer, "1", &Fork::Main).unwrap();
        let bodies: Vec<_> = page.comments.iter().map(|comment| &*comment.body).collect();
        assert_eq!(bodies, ["\"comments\":[", "]}]}}"]);
    }
}
