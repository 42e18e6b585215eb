//! The video's clock: comments appear on the console when their moments come.

use std::{
    thread,
    time::{Duration, Instant},
};

use nico_comments::Vpos;

/// A clock that starts with the first comment that is ready.
#[derive(Debug)]
pub(crate) struct Clock {
    speed: f64,
    start: Option<Instant>,
}

impl Clock {
    /// A clock that runs `speed` times as fast as the video.
    pub(crate) fn new(speed: f64) -> Self {
        Self { speed, start: None }
    }

    /// Waits until the video is at `vpos`; not at all if it is past it already. Ctrl-C ends the
    /// program meanwhile.
    pub(crate) fn wait_for(&mut self, vpos: Vpos) {
        let start = *self.start.get_or_insert_with(Instant::now);
        let seconds = vpos.0.max(0) as f64 / 100.0 / self.speed;
        let Ok(due) = Duration::try_from_secs_f64(seconds) else {
            return; // later than any clock shows
        };
        thread::sleep(due.saturating_sub(start.elapsed()));
    }
}

/// How fast the clock runs.
pub(crate) fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.01..=10_000.0).contains(&speed) => Ok(speed),
        _ => Err("expected 0.01 to 10000".into()),
    }
}
