use std::time::Duration;

use caption_model::{GenerateOptions, commenter::WritingOptions};

use crate::error::Error;

/// How a crowd comments live. Made by `default()` and the setters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LiveOptions {
    /// Comments a second, on average. Default: 1.
    pub per_second: f64,
    /// Viewers who write, some much more than others; each remembers what it wrote. Default: 40.
    pub viewers: u32,
    /// Seed of when comments come, of who writes, and of what is drawn. Default: 1.
    pub seed: u64,
    /// Time from a comment's moment until it has to be written; later ones are dropped and counted.
    /// Default: 500 ms.
    pub budget: Duration,
    /// Share of lines and cuts that set off a comment at once, 0 to 1. Such a comment takes the
    /// place of the next planned one, so that [`per_second`](Self::per_second) stays. Default: 0.5.
    pub prompted: f64,
    /// Events (lines, others' comments, own ones) that are remembered at least, and at most twice as
    /// many: 10 to 100,000. Default: 1,000.
    pub memory: usize,
    /// How a commenter writes; its seed is [`seed`](Self::seed).
    pub writing: WritingOptions,
    /// How a captioner writes; its seed is [`seed`](Self::seed).
    pub captions: GenerateOptions,
    /// When moment 0 was, unix seconds: the date of comments. Default: 0.
    pub posted_at: i64,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            per_second: 1.0,
            viewers: 40,
            seed: 1,
            budget: Duration::from_millis(500),
            prompted: 0.5,
            memory: 1_000,
            writing: WritingOptions::default(),
            captions: GenerateOptions::default(),
            posted_at: 0,
        }
    }
}

impl LiveOptions {
    /// Sets [`per_second`](Self::per_second).
    #[must_use]
    pub fn per_second(mut self, comments: f64) -> Self {
        self.per_second = comments;
        self
    }

    /// Sets [`viewers`](Self::viewers).
    #[must_use]
    pub fn viewers(mut self, viewers: u32) -> Self {
        self.viewers = viewers;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`budget`](Self::budget).
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Sets [`prompted`](Self::prompted).
    #[must_use]
    pub fn prompted(mut self, share: f64) -> Self {
        self.prompted = share;
        self
    }

    /// Sets [`memory`](Self::memory).
    #[must_use]
    pub fn memory(mut self, events: usize) -> Self {
        self.memory = events;
        self
    }

    /// Sets [`writing`](Self::writing).
    #[must_use]
    pub fn writing(mut self, options: WritingOptions) -> Self {
        self.writing = options;
        self
    }

    /// Sets [`captions`](Self::captions).
    #[must_use]
    pub fn captions(mut self, options: GenerateOptions) -> Self {
        self.captions = options;
        self
    }

    /// Sets [`posted_at`](Self::posted_at).
    #[must_use]
    pub fn posted_at(mut self, unix_seconds: i64) -> Self {
        self.posted_at = unix_seconds;
        self
    }

    /// Refuses values that cannot work; the rate and the viewers are checked where the crowd is
    /// drawn.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |option, value: String, expected| {
            Err(Error::Option {
                option,
                value,
                expected,
            })
        };
        if !(0.0..=1.0).contains(&self.prompted) {
            return refuse("prompted", self.prompted.to_string(), "0 to 1");
        }
        if !(10..=100_000).contains(&self.memory) {
            return refuse("memory", self.memory.to_string(), "10 to 100,000 events");
        }
        if self.budget.is_zero() {
            return refuse("budget", "0 s".to_owned(), "more than 0 s");
        }
        self.writing.check()?;
        Ok(())
    }
}
