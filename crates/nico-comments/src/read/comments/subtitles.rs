//! What [`Comments`] does with the lines of subtitles.

use std::io::BufRead;

use super::{Comments, Scanner};
use crate::read::ass::{Line, Read};
use crate::read::error::ErrorKind;

impl<R: BufRead> Comments<R> {
    /// Reads a line of subtitles.
    pub(super) fn subtitle(&mut self) -> Result<(), ErrorKind> {
        let limit = self.options.max_comment_len.unwrap_or(usize::MAX);
        let data = self.source.data();
        let end = memchr::memchr(b'\n', data);
        let len = match end {
            Some(end) => end + 1,
            None if !self.source.ended() && data.len() <= limit => return self.source.fill(),
            None => data.len(),
        };
        let is_last = len == 0;
        let Scanner::Ass {
            reader,
            passing_over,
        } = &mut self.scanner
        else {
            return Ok(());
        };
        if is_last {
            self.subtitles_end();
            return self.end();
        }
        let was_passing = std::mem::replace(passing_over, end.is_none() && !self.source.ended());
        if was_passing || len > limit {
            if !was_passing {
                self.subtitles_end();
                self.take(Err(ErrorKind::TooLong(limit)));
            }
            self.source.consume(len);
            return Ok(());
        }
        match reader.line(&self.source.data()[..len]) {
            Line::Nothing => {}
            Line::Comment(read) => self.take_subtitle(*read),
            Line::LeftOut(what) => self.lose(what),
            Line::Bad(kind) => {
                self.subtitles_end();
                self.take(Err(kind));
            }
        }
        self.source.consume(len);
        Ok(())
    }

    /// Hands out the comment whose lines might have gone on.
    pub(super) fn subtitles_end(&mut self) {
        if let Scanner::Ass { reader, .. } = &mut self.scanner
            && let Some(read) = reader.finish()
        {
            self.take_subtitle(read);
        }
    }

    fn take_subtitle(&mut self, read: Read) {
        for what in read.lost {
            self.lose(what);
        }
        self.take(Ok(read.comment));
    }
}
