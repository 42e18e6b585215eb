//! The crowd: reads what comes and writes, on a thread of its own.

use std::{collections::BTreeMap, time::Duration};

use frame_features::Picture;
use nico_comments::Comment;
use nico_live::{Clock, LiveCommenter, LiveCounts, SystemClock};

use super::{
    shared::{Input, Shared},
    text_outputs::TextOutputs,
};
use crate::failure::Outcome;

/// How long the crowd waits for something to happen.
const LONGEST_WAIT: Duration = Duration::from_millis(10);
/// Lines and comments of later that are kept; of more the latest are dropped and counted.
const MOST_LATER: usize = 100_000;
/// What was said or written longer ago than this, in milliseconds, counts as of now.
const LONG_AGO: i64 = 1_000;

/// What is read later, by its time.
#[derive(Default)]
struct Later {
    inputs: BTreeMap<(i64, u64), Input>,
    count: u64,
    dropped: u64,
}

impl Later {
    /// Keeps an input until its time; what has none is of now.
    fn keep(&mut self, input: Input, now: i64) {
        let millis = match &input {
            Input::Line(millis, _) | Input::Comment(millis, _) => millis.unwrap_or(now),
        };
        self.count += 1;
        let millis = if millis < now - LONG_AGO { now } else { millis };
        self.inputs.insert((millis, self.count), input);
        if self.inputs.len() > MOST_LATER {
            self.inputs.pop_last();
            self.dropped += 1;
        }
    }

    /// The earliest that is due.
    fn due(&mut self, now: i64) -> Option<(i64, Input)> {
        let first = self.inputs.first_entry()?;
        let millis = first.key().0;
        (millis <= now).then(|| (millis, first.remove()))
    }
}

/// What the crowd came to.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) counts: LiveCounts,
    /// Delays of the comments given, milliseconds, of at most the latest 100,000.
    pub(super) delays: Vec<f64>,
    /// Lines and comments of later that there was no room for.
    pub(super) dropped: u64,
}

/// The picture's clock: durations are as long as they are in the picture.
#[derive(Debug)]
pub(super) struct PictureClock {
    pub(super) clock: SystemClock,
    /// How many times as fast as the system's clock it goes.
    pub(super) speed: f64,
}

impl Clock for PictureClock {
    fn now(&self) -> Duration {
        self.clock.now().mul_f64(self.speed)
    }
}

/// Delays that are kept.
const MOST_DELAYS: usize = 100_000;

/// Reads and writes until everything ends, a picture that goes `speed` times as fast as the clock.
/// `shows_read`: whether others' comments are shown too.
pub(super) fn run(
    mut live: LiveCommenter<'_>,
    shared: &Shared,
    outputs: &mut TextOutputs,
    speed: f64,
    shows_read: bool,
) -> Outcome<Written> {
    let mut later = Later::default();
    let mut delays: Vec<f64> = Vec::new();
    let mut has_written = false;
    while !shared.is_stopped() {
        let wait = match has_written {
            true => Duration::ZERO,
            false => LONGEST_WAIT,
        };
        let inputs = shared.wait_for_inputs(wait);
        let now = shared.now();
        for input in inputs {
            later.keep(input, now);
        }
        while let Some((millis, input)) = later.due(now) {
            match input {
                Input::Line(_, text) => live.line(millis, &text)?,
                Input::Comment(_, comment) => {
                    let mut comment: Comment = *comment;
                    comment.set_vpos_millis(millis);
                    live.comment(&comment)?;
                    if shows_read {
                        shared.show(comment);
                    }
                }
            }
        }
        if let Some(seen) = shared.take_seen()
            && let Some(picture) = Picture::new(seen.width, seen.height, &seen.rgb)
        {
            live.picture(seen.millis, &picture);
        }
        // One at a time: where comments are due all the time, lines and pictures are seen to between
        // them.
        let due = live.write_due(shared.now())?;
        has_written = due.is_some();
        let Some(mut written) = due else {
            continue;
        };
        // Back to the system's clock.
        written.delay = written.delay.div_f64(speed);
        written.took = written.took.div_f64(speed);
        outputs.give(&written);
        if delays.len() == MOST_DELAYS {
            delays.drain(..MOST_DELAYS / 2);
        }
        delays.push(written.delay.as_secs_f64() * 1_000.0);
        shared.show(written.comment);
    }
    Ok(Written {
        counts: *live.counts(),
        delays,
        dropped: later.dropped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wait_for_their_time() {
        let mut later = Later::default();
        let line = |millis| Input::Line(millis, String::new());
        for millis in [Some(9_000), None, Some(5_500), Some(100), Some(4_800)] {
            later.keep(line(millis), 5_000);
        }
        let due = |later: &mut Later, now| -> Vec<i64> {
            std::iter::from_fn(|| later.due(now))
                .map(|one| one.0)
                .collect()
        };
        assert_eq!(due(&mut later, 5_000), [4_800, 5_000, 5_000]);
        assert_eq!(due(&mut later, 8_999), [5_500]);
        assert_eq!(due(&mut later, 9_000), [9_000]);
    }
}
