//! What an extraction is to do.

use super::Progress;
use crate::{HeldFrames, Layer, Sampling};

/// What [`extract`](crate::extract()) takes from a video.
///
/// # Example
///
/// ```
/// use frame_features::{ExtractOptions, Layer, Sampling};
///
/// let tell = |progress: frame_features::Progress| eprintln!("{} frames", progress.rows);
/// let options = ExtractOptions::new(Layer::Conv5_3).every(2).progress(&tell);
/// assert_eq!((options.size, options.sampling), (224, Sampling::Every(2)));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ExtractOptions<'a> {
    /// The layer.
    pub layer: Layer,
    /// Side of the square that frames are scaled to: 224 (the default) or 448; at least 32.
    pub size: usize,
    /// Which frames are taken. Default: all.
    pub sampling: Sampling,
    /// Which frames share the features of the one before. Default: those with equal pictures.
    pub held: HeldFrames,
    /// Frames that go through the network at once. Default: 8.
    pub batch: usize,
    /// Called after every batch, from the thread that called [`extract`](crate::extract()).
    pub progress: Option<&'a dyn Fn(Progress)>,
}

impl<'a> ExtractOptions<'a> {
    /// All frames, scaled to 224x224.
    #[must_use]
    pub fn new(layer: Layer) -> Self {
        Self {
            layer,
            size: 224,
            sampling: Sampling::All,
            held: HeldFrames::default(),
            batch: 8,
            progress: None,
        }
    }

    /// Scales frames to squares of `size` pixels a side.
    #[must_use]
    pub fn size(mut self, size: usize) -> Self {
        self.size = size;
        self
    }

    /// Takes one of so many frames; 0 counts as 1.
    #[must_use]
    pub fn every(self, frames: usize) -> Self {
        self.sampling(Sampling::every(frames))
    }

    /// Takes these frames.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Lets these frames share the features of the one before.
    #[must_use]
    pub fn held(mut self, held: HeldFrames) -> Self {
        self.held = held;
        self
    }

    /// Computes so many frames at once; 0 counts as 1.
    #[must_use]
    pub fn batch(mut self, frames: usize) -> Self {
        self.batch = frames.max(1);
        self
    }

    /// Calls `tell` after every batch.
    #[must_use]
    pub fn progress(mut self, tell: &'a dyn Fn(Progress)) -> Self {
        self.progress = Some(tell);
        self
    }
}

impl std::fmt::Debug for ExtractOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtractOptions")
            .field("layer", &self.layer)
            .field("size", &self.size)
            .field("sampling", &self.sampling)
            .field("held", &self.held)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
