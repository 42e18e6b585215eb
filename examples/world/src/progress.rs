//! Progress of drawing: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often plain lines appear where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
const STYLE: &str = "{prefix:>9} {wide_bar} {pos}/{len} frames {per_sec} {eta} left";

/// Where progress goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Nowhere.
    Quiet,
    /// Plain lines on standard error.
    Lines,
    /// A bar on the terminal.
    Bar,
}

impl Output {
    /// The output that fits standard error.
    pub(crate) fn new(quiet: bool) -> Self {
        match quiet {
            true => Self::Quiet,
            false if std::io::stderr().is_terminal() => Self::Bar,
            false => Self::Lines,
        }
    }
}

/// Frames drawn so far.
#[derive(Debug)]
pub(crate) struct Progress {
    output: Output,
    frames: usize,
    start: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(output: Output) -> Self {
        let style =
            ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = || ProgressBar::new(0).with_style(style).with_prefix("world");
        Self {
            output,
            frames: 0,
            start: Instant::now(),
            told: Instant::now(),
            bar: (output == Output::Bar).then(bar),
        }
    }

    /// `frames` of `total` are drawn.
    pub(crate) fn set(&mut self, frames: usize, total: usize) {
        self.frames = frames;
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_position(frames as u64);
        } else if self.output == Output::Lines && self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            let rate = self.rate();
            let left = to_f64(total.saturating_sub(frames)) / rate.max(1e-9);
            eprintln!("world: {frames} of {total} frames, {rate:.1}/s, {left:.0} s left");
        }
    }

    /// All is drawn: a line with the rate stays behind.
    pub(crate) fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.output != Output::Quiet {
            let (frames, rate) = (self.frames, self.rate());
            let seconds = self.start.elapsed().as_secs_f64();
            eprintln!("world: {frames} frames in {seconds:.1} s ({rate:.0}/s)");
        }
    }

    fn rate(&self) -> f64 {
        to_f64(self.frames) / self.start.elapsed().as_secs_f64().max(1e-9)
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 frames")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
