//! What a user sees of long work: a bar on a terminal, plain lines elsewhere, nothing with
//! `--quiet`.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{failure::in_one_line, warnings};

/// How often plain lines appear where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

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
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Bar
        } else {
            Self::Lines
        }
    }

    /// Tells something that has no rate.
    pub(crate) fn say(self, text: &str) {
        if self != Self::Quiet {
            eprintln!("{text}");
        }
    }

    /// Warns, with `--quiet` too: a result is there, but probably not the one that was wanted. The
    /// result as JSON holds the line as well.
    pub(crate) fn warn(self, text: &str) {
        let line = in_one_line(text);
        if warnings::keep(&line) {
            eprintln!("warning: {line}");
        }
    }

    /// Tells a failure after which the program goes on, with `--quiet` too.
    #[cfg(feature = "video")]
    pub(crate) fn fail(self, text: &str) {
        eprintln!("nico: {}", in_one_line(text));
    }

    /// Progress of `total` things, `unit` in the plural.
    pub(crate) fn start(self, label: &str, unit: &'static str, total: usize) -> Progress {
        let bar = (self == Self::Bar).then(|| bar(label, unit, total));
        Progress {
            output: self,
            label: label.to_owned(),
            unit,
            total,
            done: 0,
            before: 0,
            note: String::new(),
            start: Instant::now(),
            told: Instant::now(),
            bar,
        }
    }
}

fn bar(label: &str, unit: &str, total: usize) -> ProgressBar {
    let template = format!(
        "{{prefix:>9}} {{wide_bar}} {{pos}}/{{len}} {unit} {{per_sec}} {{eta}} left {{msg}}"
    );
    let bar = ProgressBar::new(total as u64);
    bar.set_style(
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.set_prefix(label.to_owned());
    bar
}

/// Progress of one stage.
#[derive(Debug)]
pub(crate) struct Progress {
    output: Output,
    label: String,
    unit: &'static str,
    total: usize,
    done: usize,
    /// Those that were done before it began: no part of the rate.
    before: usize,
    note: String,
    start: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work that goes on: `done` of the things were done before.
    pub(crate) fn going_on(mut self, done: usize) -> Self {
        (self.done, self.before) = (done, done);
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            bar.reset_eta();
        }
        self
    }

    /// `done` of the things are done.
    pub(crate) fn set(&mut self, done: usize) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        } else if self.output == Output::Lines && self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            self.line();
        }
    }

    /// Corrects the number of things, where it was an estimate.
    pub(crate) fn set_total(&mut self, total: usize) {
        self.total = total;
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
        }
    }

    /// A figure beside the bar, for example the loss.
    pub(crate) fn note(&mut self, note: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(note.clone());
        }
        self.note = note;
    }

    /// A line of its own, above the bar.
    pub(crate) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.output.say(text),
        }
    }

    /// The work is done: a line with the rate stays behind.
    pub(crate) fn finish(mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if self.output != Output::Quiet {
            let seconds = self.start.elapsed().as_secs_f64();
            let (label, done, unit) = (
                &self.label,
                self.done.saturating_sub(self.before),
                self.unit,
            );
            let rate = done as f64 / seconds.max(1e-9);
            eprintln!("{label}: {done} {unit} in {seconds:.1} s ({rate:.0}/s)");
        }
    }

    fn line(&self) {
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = self.done.saturating_sub(self.before) as f64 / seconds.max(1e-9);
        let left = self.total.saturating_sub(self.done) as f64 / rate.max(1e-9);
        let Self {
            label,
            done,
            total,
            unit,
            note,
            ..
        } = self;
        let note = if note.is_empty() {
            String::new()
        } else {
            format!(", {note}")
        };
        eprintln!("{label}: {done} of {total} {unit}, {rate:.1}/s, {left:.0} s left{note}");
    }
}
