use std::iter::FusedIterator;
use std::ops::Range;

use crate::histogram::Histogram;
use crate::timeline::MAX_FRAMES;
use crate::{Burst, BurstOptions, Timeline, Vpos, bursts};

/// Number of comments of each frame.
///
/// ```
/// use nico_comments::{FrameCounts, Timeline, Vpos};
///
/// let timeline = Timeline::constant(30, 1, 90)?;
/// let counts = FrameCounts::new(&timeline, [0, 0, 10, 500].map(Vpos));
/// assert_eq!(counts.top(2), [(2, 0), (1, 3)]); // as (comments, frame)
/// assert_eq!((counts.total(), counts.num_empty(), counts.of_frame(89)), (4, 87, 1));
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameCounts {
    counts: Vec<u32>,
}

impl FrameCounts {
    /// Counts positions by [`Timeline::frame_at`]: those outside the video go to its first or last
    /// frame.
    #[must_use]
    pub fn new(timeline: &Timeline, positions: impl IntoIterator<Item = Vpos>) -> Self {
        Self::of_frames(
            timeline.num_frames(),
            positions.into_iter().map(|vpos| timeline.frame_at(vpos)),
        )
    }

    /// Counts frames, each a comment's; those past the last of `num_frames` are left out. Frames
    /// past 67,108,864, more than a [`Timeline`] has, are left out too.
    #[must_use]
    pub fn of_frames(num_frames: usize, frames: impl IntoIterator<Item = usize>) -> Self {
        let mut counts = vec![0_u32; num_frames.min(MAX_FRAMES)];
        for frame in frames {
            if let Some(count) = counts.get_mut(frame) {
                *count = count.saturating_add(1);
            }
        }
        Self { counts }
    }

    /// The number of comments of every frame, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.counts
    }

    /// The number of comments of a frame; 0 past the last.
    #[must_use]
    pub fn of_frame(&self, frame: usize) -> u32 {
        self.counts.get(frame).copied().unwrap_or(0)
    }

    /// The number of comments of all frames.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// How many frames have no comment.
    #[must_use]
    pub fn num_empty(&self) -> usize {
        self.counts.iter().filter(|&&count| count == 0).count()
    }

    /// The `n` frames with most comments as (comments, frame), most first, of equals the earlier
    /// first. Frames without comments are not among them.
    #[must_use]
    pub fn top(&self, n: usize) -> Vec<(u32, usize)> {
        let mut frames: Vec<_> = self
            .counts
            .iter()
            .copied()
            .zip(0..)
            .filter(|&(count, _)| count > 0)
            .collect();
        frames.sort_unstable_by_key(|&(count, frame)| (std::cmp::Reverse(count), frame));
        frames.truncate(n);
        frames
    }

    /// The frames of the video that have no comment, as runs in order: as long as they can be, with
    /// at least one commented frame between two of them.
    ///
    /// ```
    /// use nico_comments::FrameCounts;
    ///
    /// let counts = FrameCounts::of_frames(7, [2, 2, 3]);
    /// assert_eq!(counts.empty_runs().collect::<Vec<_>>(), [0..2, 4..7]);
    /// ```
    #[must_use]
    pub fn empty_runs(&self) -> impl FusedIterator<Item = Range<usize>> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = |from: usize, empty: bool| {
                let rest = self.counts.get(from..)?;
                let at = rest.iter().position(|&count| (count == 0) == empty)?;
                Some(from + at)
            };
            let start = first(next, true)?;
            next = first(start, false).unwrap_or(self.counts.len());
            Some(start..next)
        })
        .fuse()
    }

    /// The mean number of comments of a frame; 0 without frames.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.total() as f64 / self.counts.len().max(1) as f64
    }

    /// The bursts in the comments of each second: the bins are [seconds](Self::per_second).
    ///
    /// ```
    /// use nico_comments::{BurstOptions, FrameCounts, Timeline, Vpos};
    ///
    /// let timeline = Timeline::constant(30, 1, 30 * 60)?;
    /// let steady = (0..60).map(|second| Vpos(100 * second));
    /// let positions = steady.chain(std::iter::repeat_n(Vpos(2_050), 50)); // a joke
    /// let counts = FrameCounts::new(&timeline, positions);
    /// let bursts = counts.bursts(&timeline, &BurstOptions::default());
    /// assert_eq!((bursts.len(), bursts[0].bins.clone(), bursts[0].comments), (1, 20..21, 51));
    /// # Ok::<(), nico_comments::TimelineError>(())
    /// ```
    #[must_use]
    pub fn bursts(&self, timeline: &Timeline, options: &BurstOptions) -> Vec<Burst> {
        bursts(&self.per_second(timeline), options)
    }

    /// The number of comments of every second of the video, in order; what comes after a day goes
    /// into its last.
    #[must_use]
    pub fn per_second(&self, timeline: &Timeline) -> Vec<u64> {
        let mut seconds = Vec::new();
        for (frame, &count) in self.counts.iter().enumerate() {
            let second = timeline.whole_second(frame);
            if seconds.len() <= second {
                seconds.resize(second + 1, 0);
            }
            seconds[second] += u64::from(count);
        }
        seconds
    }

    /// The histogram of the frames: how many have 0, 1, 2, … comments.
    #[must_use]
    pub fn histogram(&self) -> Vec<u64> {
        let mut histogram = Histogram::default();
        self.counts
            .iter()
            .for_each(|&count| histogram.push(count as usize));
        histogram.into_counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_add_up() {
        let timeline = Timeline::constant(30_000, 1001, 70).unwrap();
        let counts = FrameCounts::new(&timeline, [0, 99, 100, 105, 233, 999].map(Vpos));
        // Frame 29 begins at 0.97 s and is shown at 1.00 s.
        assert_eq!(counts.per_second(&timeline), [3, 1, 2]);
    }

    proptest! {
        /// The runs are what has no comment, and nothing else.
        #[test]
        fn empty_runs_are_the_frames_without(counts in prop::collection::vec(0..3_u32, 0..60)) {
            let frames = counts.iter().enumerate().flat_map(|(frame, &n)| std::iter::repeat_n(frame, n as usize));
            let counted = FrameCounts::of_frames(counts.len(), frames);
            let runs: Vec<_> = counted.empty_runs().collect();
            let empty: Vec<_> = (0..counts.len()).filter(|&frame| counts[frame] == 0).collect();
            prop_assert_eq!(runs.iter().cloned().flatten().collect::<Vec<_>>(), empty);
            prop_assert!(runs.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert_eq!(runs.iter().map(ExactSizeIterator::len).sum::<usize>(), counted.num_empty());
        }

        /// However comments fall, every second's are all there are.
        #[test]
        fn seconds_hold_every_comment(frames in prop::collection::vec(0..500_usize, 0..60), num in 1..90_u32) {
            let timeline = Timeline::constant(num, 1, 500).unwrap();
            let counts = FrameCounts::of_frames(500, frames.iter().copied());
            prop_assert_eq!(counts.per_second(&timeline).iter().sum::<u64>(), frames.len() as u64);
            prop_assert_eq!(counts.histogram().iter().sum::<u64>(), 500);
        }
    }
}
