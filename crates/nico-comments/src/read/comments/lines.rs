//! What [`Comments`] does with the lines of an owner's list.

use std::io::BufRead;

use super::{Comments, Scanner};
use crate::read::error::ErrorKind;
use crate::read::owner;

impl<R: BufRead> Comments<R> {
    /// Reads a line, or what is left of one that was too long.
    pub(super) fn line(&mut self, passing_over: bool) -> Result<(), ErrorKind> {
        let limit = self.options.max_comment_len.unwrap_or(usize::MAX);
        let data = self.source.data();
        let end = memchr::memchr(b'\n', data);
        let len = match end {
            Some(end) => end + 1,
            None if !self.source.ended() && data.len() <= limit => {
                self.scanner = Scanner::Lines { passing_over };
                return self.source.fill();
            }
            None if data.is_empty() => return self.end(),
            None => data.len(),
        };
        if passing_over || len > limit {
            let passing_over = end.is_none();
            self.scanner = Scanner::Lines { passing_over };
        }
        if passing_over {
            self.source.consume(len);
            return Ok(());
        }
        if len > limit {
            return self.bad(ErrorKind::TooLong(limit), len);
        }
        if let Some(comment) = owner::line(&self.source.data()[..len]) {
            self.take(comment);
        }
        self.source.consume(len);
        Ok(())
    }
}
