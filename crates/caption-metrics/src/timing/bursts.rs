use serde::{Deserialize, Serialize};

use super::seconds::HeldOutSeconds;

/// Standard deviations above the mean that make a peak.
const Z: f64 = 3.0;
/// Seconds that a written peak may be off.
const NEAR: u64 = 3;

/// Recall of bursts: how many peaks of the real comments a second have a peak of the written ones
/// near.
///
/// A peak is a run of seconds whose counts lie more than three standard deviations above the mean
/// of all held-out seconds; its time is its highest second, the first of equal ones. Near is within
/// 3 s.
///
/// ```
/// use caption_metrics::{BurstHits, HeldOutSeconds};
///
/// let held_out = HeldOutSeconds::new(0..20);
/// let peak_at = |second: usize| {
///     let mut counts = vec![1.0; 20];
///     counts[second] = 30.0;
///     counts
/// };
/// let hits = BurstHits::measure(&held_out, &peak_at(8), &peak_at(10));
/// assert_eq!((hits.real, hits.generated, hits.share), (1, 1, 1.0));
/// assert_eq!(hits.chance, 7.0 / 20.0); // a peak at random is within 3 s in seven of twenty cases
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BurstHits {
    /// Real peaks.
    pub real: usize,
    /// Written peaks.
    pub generated: usize,
    /// Share of the real peaks with a written one near; 0 without real peaks.
    pub share: f64,
    /// The mean of that share over all circular shifts of the written counts.
    pub chance: f64,
}

impl BurstHits {
    /// Finds the peaks of counts a second, and which are near each other.
    ///
    /// # Panics
    ///
    /// Panics if there is not a count for each second.
    #[must_use]
    pub fn measure(held_out: &HeldOutSeconds, real: &[f64], generated: &[f64]) -> Self {
        let seconds = held_out.as_slice();
        assert_eq!(real.len(), seconds.len(), "a count for each second");
        assert_eq!(generated.len(), seconds.len(), "a count for each second");
        let (real, generated) = (peaks(held_out, real), peaks(held_out, generated));
        let share = |shift: usize| {
            let near = |&&peak: &&usize| {
                generated.iter().any(|&other| {
                    let other = seconds[(other + shift) % seconds.len()];
                    seconds[peak].abs_diff(other) <= NEAR
                })
            };
            real.iter().filter(near).count() as f64 / real.len().max(1) as f64
        };
        let shares: f64 = (0..seconds.len()).map(share).sum();
        Self {
            real: real.len(),
            generated: generated.len(),
            share: if seconds.is_empty() { 0.0 } else { share(0) },
            chance: shares / seconds.len().max(1) as f64,
        }
    }
}

/// The bins of the peaks.
fn peaks(held_out: &HeldOutSeconds, counts: &[f64]) -> Vec<usize> {
    let size = counts.len().max(1) as f64;
    let mean = counts.iter().sum::<f64>() / size;
    let variance = counts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / size;
    let threshold = mean + Z * variance.sqrt();
    let mut peaks: Vec<usize> = Vec::new();
    for run in held_out.runs() {
        let mut last = None; // the last bin above, and where its peak stands
        for bin in run.filter(|&bin| counts[bin] > threshold) {
            match last.zip(peaks.last_mut()) {
                Some((before, peak)) if before + 1 == bin => {
                    if counts[bin] > counts[*peak] {
                        *peak = bin;
                    }
                }
                _ => peaks.push(bin),
            }
            last = Some(bin);
        }
    }
    peaks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 40 seconds 38 have 0 comments, two neighbours 10 and 12: mean 0.55, standard deviation
    /// √(244/40 − 0.55²) = 2.41, threshold 7.78. Both lie above it: one peak, at the higher one.
    #[test]
    fn neighbours_above_the_threshold_are_one_peak() {
        let held_out = HeldOutSeconds::new(0..40);
        let mut counts = vec![0.0; 40];
        (counts[20], counts[21]) = (10.0, 12.0);
        assert_eq!(peaks(&held_out, &counts), [21]);
    }

    #[test]
    fn a_flat_rate_has_no_peak_and_nothing_is_hit() {
        let held_out = HeldOutSeconds::new(0..5);
        let hits = BurstHits::measure(&held_out, &[2.0; 5], &[2.0; 5]);
        assert_eq!(hits, BurstHits::default());
        let none = HeldOutSeconds::default();
        assert_eq!(BurstHits::measure(&none, &[], &[]), BurstHits::default());
    }
}
