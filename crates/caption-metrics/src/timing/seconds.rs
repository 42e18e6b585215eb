use std::ops::Range;

/// How far the kernel of [`HeldOutSeconds::smooth`] reaches, in standard deviations.
const REACH: f64 = 4.0;

/// The held-out seconds of a video: the bins of every rate over time.
///
/// ```
/// use caption_metrics::HeldOutSeconds;
///
/// let held_out = HeldOutSeconds::new([7, 3, 4]);
/// assert_eq!(held_out.runs(), [0..2, 2..3]); // 3 and 4 are neighbours
/// assert_eq!(held_out.counts([3.2, 3.9, 7.0, 5.5]), [2.0, 0.0, 1.0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldOutSeconds {
    seconds: Vec<u64>,
}

impl HeldOutSeconds {
    /// Whole seconds in any order; one that stands twice counts once.
    #[must_use]
    pub fn new(seconds: impl IntoIterator<Item = u64>) -> Self {
        let mut seconds: Vec<u64> = seconds.into_iter().collect();
        seconds.sort_unstable();
        seconds.dedup();
        Self { seconds }
    }

    /// The seconds, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[u64] {
        &self.seconds
    }

    /// Ranges of bins that are neighbours in time.
    #[must_use]
    pub fn runs(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (bin, &second) in self.seconds.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if self.seconds[run.end - 1] + 1 == second => run.end = bin + 1,
                _ => runs.push(bin..bin + 1),
            }
        }
        runs
    }

    /// The bin of a time in seconds, if it is held out.
    #[must_use]
    pub fn bin(&self, time: f64) -> Option<usize> {
        let whole = time.floor();
        if !(0.0..9e15).contains(&whole) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to 9e15"
        )]
        self.seconds.binary_search(&(whole as u64)).ok()
    }

    /// How many of `times` lie in each second; those that are not held out count for nothing.
    #[must_use]
    pub fn counts(&self, times: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut counts = vec![0.0; self.seconds.len()];
        for bin in times.into_iter().filter_map(|time| self.bin(time)) {
            counts[bin] += 1.0;
        }
        counts
    }

    /// A rate smoothed by a Gaussian of `sigma` seconds, each run of neighbours for itself.
    ///
    /// The kernel is cut off at 4σ and at the ends of the run, and what is left of it is scaled to
    /// sum to 1.
    ///
    /// # Panics
    ///
    /// Panics if there is not a value for each second, and unless `sigma` is positive and finite.
    #[must_use]
    pub fn smooth(&self, values: &[f64], sigma: f64) -> Vec<f64> {
        assert_eq!(values.len(), self.seconds.len(), "a value for each second");
        assert!(sigma > 0.0 && sigma.is_finite(), "sigma is {sigma}");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive whole number; `as` saturates, and no run is so long"
        )]
        let reach = (REACH * sigma).round() as usize;
        let mut smoothed = vec![0.0; values.len()];
        for run in self.runs() {
            for bin in run.clone() {
                let (mut sum, mut weights) = (0.0, 0.0);
                let first = run.start.max(bin.saturating_sub(reach));
                let end = run.end.min(bin.saturating_add(reach).saturating_add(1));
                for (other, value) in (first..end).zip(&values[first..end]) {
                    let apart = bin.abs_diff(other) as f64;
                    let weight = (-apart * apart / (2.0 * sigma * sigma)).exp();
                    sum += weight * value;
                    weights += weight;
                }
                smoothed[bin] = sum / weights;
            }
        }
        smoothed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_rate_stays_constant_up_to_the_ends() {
        let held_out = HeldOutSeconds::new((10..30).chain(50..53));
        for value in held_out.smooth(&[3.0; 23], 2.0) {
            assert!((value - 3.0).abs() < 1e-12);
        }
    }

    /// Two seconds that are neighbours share; the third one, apart, keeps its own. With σ = 1 the
    /// weights are 1 and e^(−1/2).
    #[test]
    fn runs_do_not_mix() {
        let held_out = HeldOutSeconds::new([1, 2, 9]);
        let smoothed = held_out.smooth(&[1.0, 0.0, 5.0], 1.0);
        let beside = (-0.5f64).exp();
        assert!((smoothed[0] - 1.0 / (1.0 + beside)).abs() < 1e-12);
        assert!((smoothed[1] - beside / (1.0 + beside)).abs() < 1e-12);
        assert_eq!(smoothed[2], 5.0);
    }

    /// With σ = 0.25 a neighbour is 4σ away and the one behind it too far; a kernel that is wider
    /// than any run takes all of it.
    #[test]
    fn the_kernel_ends_at_four_sigmas() {
        let held_out = HeldOutSeconds::new(0..3);
        let smoothed = held_out.smooth(&[1.0, 0.0, 0.0], 0.25);
        assert!(smoothed[0] < 1.0 && smoothed[1] > 0.0);
        assert_eq!(smoothed[2], 0.0);
        for value in held_out.smooth(&[1.0, 0.0, 5.0], 1e300) {
            assert!((value - 2.0).abs() < 1e-12);
        }
    }

    #[test]
    fn odd_times_are_in_no_bin() {
        let held_out = HeldOutSeconds::new([0, 1]);
        assert_eq!(
            held_out.counts([-0.5, f64::NAN, f64::INFINITY, 1e300, 0.0]),
            [1.0, 0.0]
        );
    }
}
