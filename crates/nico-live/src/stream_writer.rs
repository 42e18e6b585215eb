//! A commenter that forgets: its memory stays bounded however long it reads.

use std::collections::VecDeque;

use caption_model::{
    Commenter,
    commenter::{CommentWriter, EventKind, StreamComment, StreamEvent, WritingOptions},
};

use crate::{error::Error, writer::Choice};

/// Farthest time that is told apart, milliseconds.
const FARTHEST: i64 = 1 << 50;

/// Writes from the latest events. Once twice as many were read as are remembered, it begins anew
/// with the latest ones: what it does depends on what was read and in which order, never on the
/// machine.
#[derive(Debug)]
pub(crate) struct StreamWriter<'a> {
    commenter: &'a Commenter,
    options: WritingOptions,
    memory: usize,
    recent: VecDeque<Recent>,
    writer: CommentWriter<'a>,
    /// Events that the present writer has read.
    read: usize,
    /// Times it began anew.
    renewed: u64,
}

/// An event that is remembered.
#[derive(Debug)]
struct Recent {
    event: StreamEvent,
    /// Whether it was written here.
    is_ours: bool,
}

impl<'a> StreamWriter<'a> {
    pub(crate) fn new(
        commenter: &'a Commenter,
        options: WritingOptions,
        memory: usize,
    ) -> Result<Self, Error> {
        Ok(Self {
            writer: writer(commenter, options.clone())?,
            commenter,
            options,
            memory,
            recent: VecDeque::with_capacity(memory),
            read: 0,
            renewed: 0,
        })
    }

    /// Reads an event, of somebody else or one that was given; one that comes before the last one
    /// counts as coming with it.
    pub(crate) fn read(
        &mut self,
        millis: i64,
        kind: EventKind,
        author: Option<u32>,
        text: &str,
        is_ours: bool,
    ) -> Result<(), Error> {
        let is_line = kind == EventKind::Line;
        let millis = millis.clamp(-FARTHEST, FARTHEST);
        let millis = self.recent.back().map_or(millis, |last| {
            // Of one time, lines come before comments.
            let earliest = last.event.millis + i64::from(is_line && !last.event.is_line());
            millis.max(earliest)
        });
        let event = self.commenter.event(millis, kind, author, text);
        let recent = Recent { event, is_ours };
        see(&mut self.writer, &recent);
        self.read += 1;
        if self.recent.len() == self.memory {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
        if self.read >= 2 * self.memory {
            self.renew()?;
        }
        Ok(())
    }

    fn renew(&mut self) -> Result<(), Error> {
        self.renewed += 1;
        // Other numbers than the first writer drew.
        let seed = self.options.seed ^ self.renewed.rotate_left(32);
        self.writer = writer(self.commenter, self.options.clone().seed(seed))?;
        for recent in &self.recent {
            see(&mut self.writer, recent);
        }
        self.read = self.recent.len();
        Ok(())
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) -> Result<(), Error> {
        self.recent.clear();
        self.renew()
    }

    /// The best draft for a moment that may be given.
    pub(crate) fn choose(
        &mut self,
        millis: i64,
        viewer: u32,
        mut keeps: impl FnMut(&StreamComment) -> bool,
    ) -> Result<Choice, Error> {
        let ranked = self.writer.ranked(millis, viewer)?;
        let choice = match ranked.is_empty() {
            true => Choice::Unwritten,
            false => Choice::Refused,
        };
        let chosen = ranked.into_iter().find(|draft| keeps(draft));
        Ok(chosen.map_or(choice, Choice::Written))
    }
}

fn writer(commenter: &Commenter, options: WritingOptions) -> Result<CommentWriter<'_>, Error> {
    match CommentWriter::new(commenter, options) {
        Err(caption_model::Error::NotTrained { .. }) => Err(Error::NoTransformer),
        writer => Ok(writer?),
    }
}

fn see(writer: &mut CommentWriter<'_>, recent: &Recent) {
    let event = recent.event.clone();
    match recent.is_ours {
        true => writer.wrote(event),
        false => writer.read(event),
    }
}
