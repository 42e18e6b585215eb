//! Options of an extraction.

use std::ops::ControlFlow;

use super::Progress;
use crate::duplicates::DuplicateFrames;
use crate::sampling::Sampling;

/// Options of [`extract`](crate::extract()): which frames of a video are taken, and how.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
///
/// use frame_features::{ExtractOptions, Progress, Rational, Sampling};
///
/// let tell = |progress: Progress| {
///     eprintln!("{} frames", progress.rows);
///     ControlFlow::Continue(())
/// };
/// let twice_a_second = Sampling::PerSecond(Rational::new(2, 1));
/// let options = ExtractOptions::default().sampling(twice_a_second).progress(&tell);
/// assert_eq!(options.batch, 8);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ExtractOptions<'a> {
    /// Which frames are taken. Default: all.
    pub sampling: Sampling,
    /// Which frames share the features of the one before. Default: those with equal pictures.
    pub duplicates: DuplicateFrames,
    /// Frames that go through the encoder at once, at least 1. Default: 8.
    pub batch: usize,
    /// Called after every batch, and now and then while kept rows are looked through, from the
    /// thread that called [`extract`](crate::extract()); `Break` stops it.
    pub progress: Option<&'a dyn Fn(Progress) -> ControlFlow<()>>,
}

impl Default for ExtractOptions<'_> {
    fn default() -> Self {
        Self {
            sampling: Sampling::All,
            duplicates: DuplicateFrames::default(),
            batch: 8,
            progress: None,
        }
    }
}

impl<'a> ExtractOptions<'a> {
    /// Takes these frames.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Lets these frames share the features of the one before.
    #[must_use]
    pub fn duplicates(mut self, duplicates: DuplicateFrames) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Computes so many frames at once, at least 1.
    #[must_use]
    pub fn batch(mut self, frames: usize) -> Self {
        self.batch = frames;
        self
    }

    /// Calls `tell` after every batch. Where it breaks, extraction ends with
    /// [`Error::Stopped`](crate::Error::Stopped); whole blocks of the store stay.
    #[must_use]
    pub fn progress(mut self, tell: &'a dyn Fn(Progress) -> ControlFlow<()>) -> Self {
        self.progress = Some(tell);
        self
    }
}

impl std::fmt::Debug for ExtractOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtractOptions")
            .field("sampling", &self.sampling)
            .field("duplicates", &self.duplicates)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
