use std::{collections::BTreeMap, fmt};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Resamples of [`Estimate::mean`].
const RESAMPLES: usize = 1_000;

/// A mean with its 95 % bootstrap confidence interval.
///
/// ```
/// use caption_metrics::Estimate;
///
/// let estimate = Estimate::mean(&[0.0, 1.0, 0.0, 1.0], 1);
/// assert_eq!(estimate.value, 0.5);
/// assert!(estimate.low < 0.5 && estimate.high > 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// The mean of values with the 2.5th and the 97.5th percentile of the means of 1,000 samples
    /// drawn from them with replacement (Efron's percentile bootstrap; Efron and Tibshirani 1993,
    /// section 13.3). 0 without values.
    #[must_use]
    pub fn mean(values: &[f64], seed: u64) -> Self {
        let ones = vec![1.0; values.len()];
        Self::ratio(values, &ones, seed)
    }

    /// The mean of values that each belong to a group, with the interval of the cluster bootstrap,
    /// which draws whole groups: values of a group, such as the seconds of a scene, may resemble
    /// each other.
    ///
    /// ```
    /// use caption_metrics::Estimate;
    ///
    /// // Forty equal values of one scene are one observation.
    /// let scenes = (0..4).flat_map(|scene| std::iter::repeat_n((scene, (scene % 2) as f64), 40));
    /// assert_eq!(Estimate::grouped_mean(scenes, 3), Estimate::mean(&[0.0, 1.0, 0.0, 1.0], 3));
    /// ```
    #[must_use]
    pub fn grouped_mean(values: impl IntoIterator<Item = (usize, f64)>, seed: u64) -> Self {
        let mut sums = BTreeMap::<usize, (f64, f64)>::new();
        for (group, value) in values {
            let (sum, count) = sums.entry(group).or_default();
            *sum += value;
            *count += 1.0;
        }
        let (sums, counts): (Vec<f64>, Vec<f64>) = sums.into_values().unzip();
        Self::ratio(&sums, &counts, seed)
    }

    /// The ratio of two sums over the same things, which are drawn together: a mean over words when
    /// comments are drawn. 0 where all weights are 0.
    ///
    /// ```
    /// use caption_metrics::Estimate;
    ///
    /// // A comment of one word that cost 3 nats and one of three words that cost 1 in all.
    /// assert_eq!(Estimate::ratio(&[3.0, 1.0], &[1.0, 3.0], 1).value, 1.0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the slices differ in length.
    #[must_use]
    pub fn ratio(values: &[f64], weights: &[f64], seed: u64) -> Self {
        assert_eq!(values.len(), weights.len(), "a weight for each value");
        if values.is_empty() {
            return Self::default();
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let (mut sum, mut weight) = (0.0, 0.0);
                for _ in 0..values.len() {
                    let drawn = rng.random_range(0..values.len());
                    sum += values[drawn];
                    weight += weights[drawn];
                }
                quotient(sum, weight)
            })
            .collect();
        means.sort_unstable_by(f64::total_cmp);
        Self {
            value: quotient(values.iter().sum(), weights.iter().sum()),
            low: means[RESAMPLES / 40],
            high: means[RESAMPLES - 1 - RESAMPLES / 40],
        }
    }

    /// The mean of estimates and of their intervals' ends: of figures that are independent the
    /// result is wider than the mean's own interval.
    pub(crate) fn average(estimates: impl ExactSizeIterator<Item = Self>) -> Self {
        let count = estimates.len().max(1) as f64;
        estimates.fold(Self::default(), |sum, one| Self {
            value: sum.value + one.value / count,
            low: sum.low + one.low / count,
            high: sum.high + one.high / count,
        })
    }

    /// The estimate in another unit: value and interval times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
        }
    }
}

/// `sum / weight`, and 0 over nothing.
fn quotient(sum: f64, weight: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { sum / weight }
}

/// `1.23 [1.00, 1.50]`; the precision is that of the format string, two digits without one, and so
/// is the sign: `{:+.1}`. What rounds to zero has no minus.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        let rounded = [self.value, self.low, self.high].map(|number| {
            let text = format!("{number:.digits$}");
            let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
            match text.strip_prefix('-') {
                Some(zero) if is_zero => zero.to_owned(),
                None if f.sign_plus() && !is_zero => format!("+{text}"),
                _ => text,
            }
        });
        let [value, low, high] = rounded;
        write!(f, "{value} [{low}, {high}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of n values of variance s² has a standard error of s/√n: for 400 values 0 or 1 half
    /// the time it is 0.5/20 = 0.025, so the interval reaches 1.96 · 0.025 = 0.049 to either side.
    #[test]
    fn interval_of_a_mean_is_that_of_its_standard_error() {
        let values: Vec<f64> = (0..400u32).map(|at| f64::from(at % 2)).collect();
        let Estimate { low, high, .. } = Estimate::mean(&values, 3);
        assert!((0.5 - low - 0.049).abs() < 0.006, "{low}");
        assert!((high - 0.5 - 0.049).abs() < 0.006, "{high}");
    }

    #[test]
    fn equal_values_have_no_interval_and_nothing_is_zero() {
        let estimate = Estimate::mean(&[2.0; 7], 1);
        assert_eq!((estimate.low, estimate.high), (2.0, 2.0));
        assert_eq!(Estimate::mean(&[], 1), Estimate::default());
        assert_eq!(
            Estimate::ratio(&[0.0; 2], &[0.0; 2], 1),
            Estimate::default()
        );
        assert_eq!(format!("{:.1}", estimate.scaled(10.0)), "20.0 [20.0, 20.0]");
        assert_eq!(format!("{estimate:+.1}"), "+2.0 [+2.0, +2.0]");
        let around_zero = Estimate {
            value: -0.04,
            low: -1.2,
            high: 0.04,
        };
        assert_eq!(format!("{around_zero:+.1}"), "0.0 [-1.2, 0.0]");
    }
}
