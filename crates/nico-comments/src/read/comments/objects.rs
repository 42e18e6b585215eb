//! What [`Comments`] does with the objects of a JSON file: finds out the format, and keeps what has
//! to wait.

use std::io::BufRead;

use memchr::memmem;

use super::{Comments, Scanner};
use crate::read::error::ErrorKind;
use crate::read::json::{self, Decoded, decode};
use crate::read::options::Format;

/// Objects that are looked at to recognise a JSON file.
const MAX_UNDECIDED: usize = 100;

impl<R: BufRead> Comments<R> {
    /// Reads on to the next object.
    pub(super) fn object(&mut self) -> Result<(), ErrorKind> {
        let Scanner::Json { scanner, .. } = &mut self.scanner else {
            return Ok(());
        };
        match scanner.next(&mut self.source)? {
            json::Found::Object(item, len) => {
                let decoded = decode(
                    &self.source.data()[..len],
                    item,
                    scanner.thread(),
                    self.summary.format,
                );
                let waits = item == json::Item::OfThread && scanner.thread().fork.is_none();
                self.decoded(decoded, len, waits)?;
                self.source.consume(len);
                Ok(())
            }
            json::Found::ThreadEnd => {
                let metadata = scanner.metadata();
                self.keep_metadata(metadata);
                self.release();
                Ok(())
            }
            json::Found::Bad(kind, len) => self.bad(kind, len),
            json::Found::End => self.end(),
        }
    }

    /// Deals with an object of `len` bytes at the start of the window; `waits` if its thread has no
    /// fork yet.
    pub(super) fn decoded(
        &mut self,
        decoded: Decoded,
        len: usize,
        waits: bool,
    ) -> Result<(), ErrorKind> {
        let comment = match decoded {
            Decoded::Unknown => {
                self.met_others = true;
                return Ok(());
            }
            // Only an answer as a whole; among comments it is one of the things between them.
            Decoded::Answer(message) if !self.met_list() => {
                return Err(ErrorKind::Service(message));
            }
            Decoded::Answer(_) => return Ok(()),
            Decoded::Other(format, metadata) => {
                self.keep_metadata(metadata);
                return self.decide(format);
            }
            Decoded::Malformed(format, reason) => {
                format.map_or(Ok(()), |format| self.decide(format))?;
                return self.reject_in_order(ErrorKind::Json(reason));
            }
            Decoded::Undecided => {
                let object = self.source.data()[..len].to_vec();
                return self.wait(Ok(object));
            }
            Decoded::Comment(format, comment) => {
                self.decide(format)?;
                comment.map(|comment| *comment)
            }
        };
        match comment {
            Ok(comment) if waits && self.held.len() < self.options.max_buffered => {
                self.held.push(comment)
            }
            Ok(comment) if waits => {
                self.release();
                self.take(Ok(comment));
                let held = self.options.max_buffered;
                if let Scanner::Json { scanner, .. } = &mut self.scanner {
                    scanner.give_up_fork();
                }
                let place = self.source.place();
                let error = self.error(ErrorKind::ForkTooLate(held), place);
                // No comment is lost: it does not count as rejected.
                self.ready.push_back(Err(error));
            }
            comment => self.take(comment),
        }
        Ok(())
    }

    /// Lets an object or error wait for the format to show, up to a number of them.
    pub(super) fn wait(&mut self, object: Result<Vec<u8>, ErrorKind>) -> Result<(), ErrorKind> {
        let place = self.source.place();
        let Scanner::Json { undecided, .. } = &mut self.scanner else {
            return Ok(());
        };
        undecided.push((place, object));
        if undecided.len() < MAX_UNDECIDED {
            return Ok(());
        }
        self.settle()
    }

    /// Rejects what begins at the window, behind objects that wait if there are some.
    pub(super) fn reject_in_order(&mut self, kind: ErrorKind) -> Result<(), ErrorKind> {
        if matches!(&self.scanner, Scanner::Json { undecided, .. } if !undecided.is_empty()) {
            return self.wait(Err(kind));
        }
        let place = self.source.place();
        self.reject(kind, place);
        Ok(())
    }

    /// Notes the format and reads the objects that waited for it.
    pub(super) fn decide(&mut self, format: Format) -> Result<(), ErrorKind> {
        if self.summary.format.is_some() {
            return Ok(());
        }
        self.set_format(format)?;
        self.settle()
    }

    /// Reads the objects that fit several formats as the one of the file; if that never showed, as
    /// the message server's, or as what the options say. Without a `vpos` they are no comments.
    pub(super) fn settle(&mut self) -> Result<(), ErrorKind> {
        let Scanner::Json { undecided, .. } = &mut self.scanner else {
            return Ok(());
        };
        let waiting = std::mem::take(undecided);
        if waiting.is_empty() {
            return Ok(());
        }
        let thread = json::Thread::default();
        let objects = || {
            waiting
                .iter()
                .filter_map(|(_, object)| object.as_ref().ok())
        };
        let says = |name: &[u8]| objects().any(|object| memmem::find(object, name).is_some());
        let format = match (self.summary.format, self.options.format) {
            (Some(format), _) => format,
            _ if objects().next().is_some() && !says(b"\"vpos\"") => {
                return Err(ErrorKind::OtherJson);
            }
            (None, Some(Format::FormattedJson)) => Format::FormattedJson,
            (None, _) => Format::LegacyJson,
        };
        self.set_format(format)?;
        for (place, object) in waiting {
            let object = match object {
                Ok(object) => object,
                Err(kind) => {
                    self.reject(kind, place);
                    continue;
                }
            };
            if let Decoded::Comment(_, comment) =
                decode(&object, json::Item::Listed, &thread, Some(format))
            {
                self.take_at(comment.map(|comment| *comment), place);
            }
        }
        Ok(())
    }

    /// Hands out the comments that waited for the fork of their thread.
    pub(super) fn release(&mut self) {
        let Scanner::Json { scanner, .. } = &self.scanner else {
            return;
        };
        let thread = scanner.thread().clone();
        for mut comment in std::mem::take(&mut self.held) {
            comment.fork = thread.fork.clone().unwrap_or_default();
            comment.thread.clone_from(&thread.id);
            self.take(Ok(comment));
        }
    }

    /// Whether all that was met is lists that comments may be in.
    pub(super) fn is_empty_list(&self) -> bool {
        let strays = |scanner: &json::Scanner| self.met_others || scanner.met_strays();
        matches!(&self.scanner, Scanner::Json { scanner, .. } if scanner.met_list() && !strays(scanner))
    }

    /// Whether a JSON list was met that comments may be in.
    pub(super) fn met_list(&self) -> bool {
        matches!(&self.scanner, Scanner::Json { scanner, .. } if scanner.met_list())
    }
}
