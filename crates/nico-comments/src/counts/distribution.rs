/// The distribution of the number of comments a frame has, as counted.
///
/// ```
/// use nico_comments::CountDistribution;
///
/// // 6 frames without comments, 3 with one, 1 with two
/// let distribution = CountDistribution::new(vec![6, 3, 1]);
/// assert_eq!(distribution.mean(), 0.5);
/// assert_eq!([0.0, 0.59, 0.6, 0.95].map(|u| distribution.quantile(u)), [0, 0, 1, 2]);
///
/// // The histogram is all there is to keep.
/// let kept = serde_json::to_string(distribution.histogram())?;
/// assert_eq!(CountDistribution::new(serde_json::from_str(&kept)?), distribution);
/// # Ok::<(), serde_json::Error>(())
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

    /// Adds the frames of another video.
    ///
    /// ```
    /// use nico_comments::CountDistribution;
    ///
    /// let mut both = CountDistribution::new(vec![2, 1]);
    /// both.merge(&CountDistribution::new(vec![1, 0, 3]));
    /// assert_eq!(both.histogram(), [3, 1, 3]);
    /// ```
    pub fn merge(&mut self, other: &Self) {
        if self.frames.len() < other.frames.len() {
            self.frames.resize(other.frames.len(), 0);
        }
        for (mine, theirs) in self.frames.iter_mut().zip(&other.frames) {
            *mine = mine.saturating_add(*theirs);
        }
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

    /// The number of frames; at most `u64::MAX`.
    #[must_use]
    pub fn num_frames(&self) -> u64 {
        self.frames
            .iter()
            .fold(0, |sum, &frames| sum.saturating_add(frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FrameCounts;
    use proptest::prelude::*;

    #[test]
    fn absurd_histograms_are_no_trouble() {
        let mut absurd = CountDistribution::new(vec![u64::MAX, u64::MAX]);
        absurd.merge(&absurd.clone());
        assert_eq!(absurd.num_frames(), u64::MAX);
        assert!(
            absurd.quantile(f64::NAN) <= 1 && absurd.quantile(7.0) <= 1 && absurd.mean() >= 0.0
        );
        assert_eq!(CountDistribution::default().quantile(0.5), 0);
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

        /// Merging is counting the frames of both.
        #[test]
        fn merging_is_counting_both(a in prop::collection::vec(0..9_u64, 0..8), b in prop::collection::vec(0..9_u64, 0..8)) {
            let (one, two) = (CountDistribution::new(a), CountDistribution::new(b));
            let mut both = one.clone();
            both.merge(&two);
            prop_assert_eq!(both.num_frames(), one.num_frames() + two.num_frames());
            let sum = |d: &CountDistribution| d.mean() * d.num_frames() as f64;
            prop_assert!((sum(&both) - sum(&one) - sum(&two)).abs() < 1e-6);
        }
    }
}
