use std::time::Duration;

use nico_comments::Comment;
use serde::Serialize;

/// What set a comment off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing but the crowd's rate.
    Crowd,
    /// A line that was said.
    Line,
    /// A cut in the picture.
    Cut,
}

/// A comment that was written in time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LiveComment {
    /// The comment as files have it: its vpos is its moment, its number counts from 1.
    pub comment: Comment,
    /// Its moment, milliseconds of the picture's time.
    pub millis: i64,
    /// Who wrote it, a number from 0.
    pub viewer: u32,
    /// What set it off.
    pub prompt: Prompt,
    /// How long writing it took.
    pub took: Duration,
    /// Time from its moment until it was there.
    pub delay: Duration,
}

/// What became of what was read, and of the comments that were planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LiveCounts {
    /// Lines read.
    pub lines: u64,
    /// Others' comments read.
    pub read: u64,
    /// Pictures looked at.
    pub pictures: u64,
    /// Cuts found in them.
    pub cuts: u64,
    /// Longest time between two pictures that were looked at, milliseconds of the picture's time.
    pub longest_unseen_ms: i64,
    /// Comments planned: the sum of those below.
    pub planned: u64,
    /// Comments given.
    pub given: u64,
    /// Comments dropped because they came too late, or would have.
    pub late: u64,
    /// Comments whose drafts were all taken away by the filter.
    pub refused: u64,
    /// Comments without a draft that could be given: all were cut, empty or repeats.
    pub unwritten: u64,
    /// Comments without a picture to look at, for captioners.
    pub without_picture: u64,
}
