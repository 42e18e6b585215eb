use std::fmt;
use std::io::{self, BufRead};

use super::encoding::{Found, Transcoder};
use super::error::ErrorKind;

/// How much is read at least before a scanner looks again.
const CHUNK: usize = 32 * 1024;

/// The part of a stream that a scanner looks at: a window that grows at its end and is consumed at
/// its start.
///
/// Scanners are functions of the window's bytes. One that needs more calls [`fill`](Self::fill),
/// which at least doubles the window, so that looking again from the start costs a constant factor
/// however small the pieces of the stream are.
pub(crate) struct Source<R> {
    reader: R,
    buf: Vec<u8>,
    start: usize,
    ended: bool,
    offset: u64,
    /// The line of `counted`.
    line: u64,
    /// Up to where in `buf`, at most to `start`, line ends were counted.
    counted: usize,
    transcoder: Transcoder,
    chunk: usize,
}

/// Shows the place and not the bytes.
impl<R> fmt::Debug for Source<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("ended", &self.ended)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> Source<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            buf: Vec::new(),
            start: 0,
            ended: false,
            offset: 0,
            line: 1,
            counted: 0,
            transcoder: Transcoder::new(),
            chunk: CHUNK,
        }
    }

    /// Reads less at a time, to test what happens at the end of the window.
    #[cfg(test)]
    pub(crate) fn set_chunk(&mut self, bytes: usize) {
        self.chunk = bytes;
    }

    /// What the window has room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.buf.capacity()
    }

    /// The window.
    pub(crate) fn data(&self) -> &[u8] {
        &self.buf[self.start..]
    }

    /// Whether nothing follows the window.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// The encoding of the stream, as far as that has shown.
    pub(crate) fn encoding(&self) -> Found {
        self.transcoder.found()
    }

    /// Byte offset of the window's first byte. Input in other encodings is counted in its UTF-8
    /// form.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// [`offset`](Self::offset), and the line of the window's first byte counted from 1.
    pub(crate) fn place(&mut self) -> (u64, u64) {
        let gone = &self.buf[self.counted..self.start];
        self.line += memchr::memchr_iter(b'\n', gone).count() as u64;
        self.counted = self.start;
        (self.offset, self.line)
    }

    /// Moves the start of the window by `len` bytes, at most to its end.
    pub(crate) fn consume(&mut self, len: usize) {
        let len = len.min(self.data().len());
        self.offset += len as u64;
        self.start += len;
    }

    /// Adds at least a chunk to the window and doubles it, unless the stream ends before.
    pub(crate) fn fill(&mut self) -> Result<(), ErrorKind> {
        self.place(); // counts the lines that go
        self.buf.drain(..self.start);
        (self.start, self.counted) = (0, 0);
        let wanted = self.buf.len() + self.buf.len().max(self.chunk);
        while !self.ended && self.buf.len() < wanted {
            self.read_some(wanted)?;
        }
        Ok(())
    }

    /// Adds what the reader has, towards a window of `wanted` bytes.
    fn read_some(&mut self, wanted: usize) -> Result<(), ErrorKind> {
        let chunk = match self.reader.fill_buf() {
            Ok(chunk) => &chunk[..chunk.len().min(wanted.saturating_sub(self.buf.len()))],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(ErrorKind::Io(error)),
        };
        self.ended = chunk.is_empty();
        let len = chunk.len();
        self.transcoder
            .push(chunk, self.ended, &mut self.buf)
            .map_err(ErrorKind::Encoding)?;
        self.reader.consume(len);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted() {
        let mut source = Source::new(&b"a\nbc\nd"[..]);
        source.set_chunk(3);
        source.fill().unwrap();
        source.consume(3);
        source.fill().unwrap();
        assert_eq!((source.place(), source.data()), ((3, 2), &b"c\nd"[..]));
        source.consume(1);
        source.consume(100);
        assert_eq!(source.place(), (6, 3));
    }
}
