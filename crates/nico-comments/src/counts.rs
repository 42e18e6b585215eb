use crate::{Timeline, Vpos};

/// How many comments each frame has.
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
    /// Counts positions by [`Timeline::frame_at`]: those outside the video go to its first or last frame.
    pub fn new(timeline: &Timeline, positions: impl IntoIterator<Item = Vpos>) -> Self {
        Self::of_frames(
            timeline.num_frames(),
            positions.into_iter().map(|vpos| timeline.frame_at(vpos)),
        )
    }

    /// Counts frames, each a comment's; those past the last of `num_frames` are left out.
    pub fn of_frames(num_frames: usize, frames: impl IntoIterator<Item = usize>) -> Self {
        let mut counts = vec![0_u32; num_frames];
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

    /// The `n` frames with most comments as (comments, frame), most first, of equals the earlier first. Frames without comments
    /// are not among them.
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

    /// The number of comments of every second of the video, in order.
    #[must_use]
    pub fn per_second(&self, timeline: &Timeline) -> Vec<u64> {
        let mut seconds = Vec::new();
        for (frame, &count) in self.counts.iter().enumerate() {
            let second = whole_second(timeline, frame);
            if seconds.len() <= second {
                seconds.resize(second + 1, 0);
            }
            seconds[second] += u64::from(count);
        }
        seconds
    }

    /// How the number of comments of a frame is distributed, to draw from.
    #[must_use]
    pub fn distribution(&self) -> CountDistribution {
        let mut frames = Vec::new();
        for &count in &self.counts {
            let count = count as usize;
            if frames.len() <= count {
                frames.resize(count + 1, 0);
            }
            frames[count] += 1;
        }
        CountDistribution::new(frames)
    }
}

/// The second that a frame begins in; no more than a day, so that a damaged timeline costs no memory.
pub(crate) fn whole_second(timeline: &Timeline, frame: usize) -> usize {
    let seconds = Vpos::from_secs_f64(timeline.seconds_of(frame) + 1e-6).0 / 100;
    usize::try_from(seconds.clamp(0, 86_400)).unwrap_or(0)
}

/// The distribution of the number of comments a frame has, as counted.
///
/// ```
/// use nico_comments::CountDistribution;
///
/// // 6 frames without comments, 3 with one, 1 with two
/// let distribution = CountDistribution::new(vec![6, 3, 1]);
/// assert_eq!(distribution.mean(), 0.5);
/// assert_eq!([0.0, 0.59, 0.6, 0.95].map(|u| distribution.quantile(u)), [0, 0, 1, 2]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountDistribution {
    frames: Vec<u64>,
}

impl CountDistribution {
    /// The distribution of a histogram: `frames[n]` frames have `n` comments.
    #[must_use]
    pub fn new(frames: Vec<u64>) -> Self {
        Self { frames }
    }

    /// The histogram: how many frames have 0, 1, 2, … comments.
    #[must_use]
    pub fn histogram(&self) -> &[u64] {
        &self.frames
    }

    /// The mean number of comments of a frame; 0 without frames.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let comments: f64 = self
            .frames
            .iter()
            .enumerate()
            .map(|(count, &frames)| count as f64 * frames as f64)
            .sum();
        let frames = self.num_frames();
        if frames == 0 {
            0.0
        } else {
            comments / frames as f64
        }
    }

    /// The number of comments that belongs to `u`, at least 0 and below 1: of a uniform random `u` it is a draw from the
    /// distribution. 0 without frames.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; a share of a count fits"
    )]
    pub fn quantile(&self, u: f64) -> usize {
        let mut left = (u.clamp(0.0, 1.0) * self.num_frames() as f64) as u64;
        for (count, &frames) in self.frames.iter().enumerate() {
            if left < frames {
                return count;
            }
            left -= frames;
        }
        self.frames
            .iter()
            .rposition(|&frames| frames > 0)
            .unwrap_or(0)
    }

    fn num_frames(&self) -> u64 {
        self.frames.iter().sum()
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
        assert_eq!(counts.per_second(&timeline), [3, 1, 2]); // frame 29 begins at 0.97 s and is shown at 1.00 s
    }

    proptest! {
        /// Drawing with evenly spaced numbers gives the histogram back.
        #[test]
        fn quantiles_give_the_counts_back(counts in prop::collection::vec(0..6_usize, 1..80)) {
            let frames = counts.iter().enumerate().flat_map(|(frame, &n)| std::iter::repeat_n(frame, n));
            let distribution = FrameCounts::of_frames(counts.len(), frames).distribution();
            let mut drawn: Vec<_> =
                (0..counts.len()).map(|n| distribution.quantile((n as f64 + 0.5) / counts.len() as f64)).collect();
            let mut sorted = counts.clone();
            sorted.sort_unstable();
            drawn.sort_unstable();
            prop_assert_eq!(drawn, sorted);
            let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
            prop_assert!((distribution.mean() - mean).abs() < 1e-9);
        }
    }
}
