use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;

/// Reason why nothing more of a thread was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// Its first comment was reached, or as many came as the service counts.
    Whole,
    /// The comments that earlier runs left were reached.
    MetKnown,
    /// One page is all that was to be had: the owner's thread, a sample, or windows of time that
    /// are done.
    OnePage,
    /// A limit of the options was reached.
    Limit,
    /// The service sent nothing new any more, or no longer names the thread.
    NoProgress,
    /// The run ended before the thread did; the next one goes on.
    Unfinished,
}

impl End {
    /// The reason as a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::MetKnown => "met_known",
            Self::OnePage => "one_page",
            Self::Limit => "limit",
            Self::NoProgress => "no_progress",
            Self::Unfinished => "unfinished",
        }
    }
}

/// Report of a thread: what it holds after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ThreadReport {
    /// Id of the thread; the channel for past logs of broadcasts.
    pub thread: String,
    /// Part of the thread: `main`, `owner`, `easy`, ….
    pub fork: String,
    /// Comments as the service counts them, deleted ones included.
    pub expected: Option<u64>,
    /// Comments that are there, each counted once.
    pub collected: u64,
    /// Comments that came again: pages overlap.
    pub duplicates: u64,
    /// Comments of pages that could not be read.
    pub rejected: u64,
    /// Numbers between 1 and `expected` that are not there, first to last: deleted, or not reached.
    pub missing: Vec<RangeInclusive<i64>>,
    /// Seconds, in unix time, that hold more comments than a page, so that the older ones of them
    /// may be missing.
    pub possible_gaps: Vec<i64>,
    /// Pages that are there.
    pub pages: u64,
    /// Why nothing more was asked for.
    pub end: End,
}

/// Report of a run of [`Fetcher::fetch`](crate::Fetcher::fetch): what it did and what the folder
/// holds after it. Also left as `report.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What was fetched: the id of the video or channel.
    pub source: String,
    /// The collection's file within the folder: `comments.xml` or `comments.json`.
    pub file: String,
    /// The file within the folder that has the name of a collection in another format and that no
    /// run wrote. It stays, so that whoever reads the folder reads both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_collection: Option<String>,
    /// Each thread, in the order of the service.
    pub threads: Vec<ThreadReport>,
    /// Whether the observer wanted no more.
    pub cancelled: bool,
    /// Requests of this run, those that failed included.
    pub requests: u64,
    /// Waits of this run because of failures or too many requests.
    pub waits: u64,
    /// Their time in milliseconds.
    #[serde(rename = "waited_ms", serialize_with = "milliseconds")]
    pub waited: Duration,
    /// Files of earlier runs that were damaged and fetched again.
    pub damaged: u64,
}

impl ThreadReport {
    /// How many numbers are [`missing`](Self::missing).
    #[must_use]
    pub fn num_missing(&self) -> i64 {
        let runs = self.missing.iter();
        runs.map(|run| run.end() - run.start() + 1).sum()
    }
}

impl Report {
    /// Comments that are there.
    #[must_use]
    pub fn collected(&self) -> u64 {
        self.threads.iter().map(|thread| thread.collected).sum()
    }

    /// Whether every thread came to its end, none stopped by a limit or left unfinished. Not so
    /// where nothing was asked for: a first run that was stopped before the threads were known.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let stopped = |thread: &ThreadReport| matches!(thread.end, End::Limit | End::Unfinished);
        !self.threads.is_empty() && !self.threads.iter().any(stopped)
    }
}

fn milliseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
