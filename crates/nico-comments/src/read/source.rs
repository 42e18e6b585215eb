use std::fmt;
use std::io::{self, BufRead};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

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
    encoding: Encoding,
    chunk: usize,
}

enum Encoding {
    Unknown,
    Utf8,
    Utf16(Decoder),
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
            encoding: Encoding::Unknown,
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

    /// Byte offset of the window's first byte. UTF-16 input is counted in its UTF-8 form.
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
    pub(crate) fn fill(&mut self) -> io::Result<()> {
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
    fn read_some(&mut self, wanted: usize) -> io::Result<()> {
        let chunk = match self.reader.fill_buf() {
            Ok(chunk) => &chunk[..chunk.len().min(wanted.saturating_sub(self.buf.len()))],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        };
        self.ended = chunk.is_empty();
        match &mut self.encoding {
            Encoding::Utf16(decoder) => decode(decoder, chunk, self.ended, &mut self.buf),
            Encoding::Unknown | Encoding::Utf8 => self.buf.extend_from_slice(chunk),
        }
        let len = chunk.len();
        self.reader.consume(len);
        if matches!(self.encoding, Encoding::Unknown) && self.buf.len() >= 2 {
            self.recognise();
        }
        Ok(())
    }

    /// Obeys a UTF-16 byte-order mark at the start; everything else is taken for UTF-8
    /// (`docs/spec/comment-formats.md`, section 1.2, rule 1).
    fn recognise(&mut self) {
        let encoding = match self.buf[..2] {
            [0xFF, 0xFE] => UTF_16LE,
            [0xFE, 0xFF] => UTF_16BE,
            _ => {
                self.encoding = Encoding::Utf8;
                return;
            }
        };
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let bytes = std::mem::take(&mut self.buf);
        decode(&mut decoder, &bytes[2..], false, &mut self.buf);
        self.encoding = Encoding::Utf16(decoder);
    }
}

/// Appends what `decoder` makes of the next `bytes`, of the last ones if `last`; what is malformed,
/// such as a lone surrogate, as U+FFFD.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut chunk = [0; 1024];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(bytes, &mut chunk, last);
        out.extend_from_slice(&chunk[..written]);
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], capacity: usize) -> Vec<u8> {
        let mut source = Source::new(io::BufReader::with_capacity(capacity, bytes));
        while !source.ended() {
            source.fill().unwrap();
        }
        source.data().to_vec()
    }

    #[test]
    fn utf16_is_obeyed_in_pieces() {
        let text = "<chat>草\u{1F600}</chat>";
        for capacity in [1, 3, 64] {
            let little: Vec<u8> = [0xFEFF]
                .into_iter()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            let big: Vec<u8> = [0xFEFF]
                .into_iter()
                .chain(text.encode_utf16())
                .flat_map(u16::to_be_bytes)
                .collect();
            assert_eq!(all(&little, capacity), text.as_bytes());
            assert_eq!(all(&big, capacity), text.as_bytes());
        }
        assert_eq!(
            all(&[0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00, 0x42], 1),
            "\u{FFFD}A\u{FFFD}".as_bytes()
        );
    }

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
