use rand::{SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Pearson's correlation coefficient, or `None` where one side does not vary.
///
/// ```
/// let r = caption_metrics::pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]);
/// assert!((r.unwrap() - 1.0).abs() < 1e-12);
/// ```
///
/// # Panics
///
/// Panics if the lengths differ.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "as many values on both sides");
    // The mean of equal values may not be that value, by rounding.
    let varies = |values: &[f64]| values.windows(2).any(|two| two[0] != two[1]);
    if !varies(a) || !varies(b) {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    let norm = aa.sqrt() * bb.sqrt(); // the product of the squares may be out of range
    (norm > 0.0).then(|| (ab / norm).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs.
///
/// ```
/// let rho = caption_metrics::spearman(&[1.0, 2.0, 30.0], &[2.0, 2.5, 2.6]);
/// assert!((rho.unwrap() - 1.0).abs() < 1e-12);
/// ```
///
/// # Panics
///
/// Panics if the lengths differ.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut begun = 0;
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = begun as f64 + (group.len() as f64 + 1.0) / 2.0;
        for &index in group {
            ranks[index] = mean;
        }
        begun += group.len();
    }
    ranks
}

/// Correlation of a written rate with the real one, with a p-value from circular shifts.
///
/// ```
/// use caption_metrics::Correlation;
///
/// let real = [0.0, 0.0, 5.0, 1.0, 0.0, 0.0, 0.0, 2.0];
/// let found = Correlation::measure(&real, &real, 1_000, 1).expect("both vary");
/// assert!((found.pearson - 1.0).abs() < 1e-12 && (found.spearman - 1.0).abs() < 1e-12);
/// assert_eq!(found.p, 1.0 / 8.0); // none of the seven shifts does as well
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// [`pearson`].
    pub pearson: f64,
    /// [`spearman`].
    pub spearman: f64,
    /// Probability of a Pearson's correlation at least as high if the two had nothing to do with
    /// each other.
    pub p: f64,
}

impl Correlation {
    /// Correlates two rates, or `None` where one does not vary.
    ///
    /// `p` compares with circular shifts of `generated`, which keep how each rate hangs together
    /// over time: `(1 + shifts that correlate as well) / (1 + shifts)` (Davison and Hinkley 1997,
    /// equation 4.11). `shifts` of them are drawn without replacement, or all where there are
    /// fewer.
    ///
    /// # Panics
    ///
    /// Panics if the lengths differ.
    #[must_use]
    pub fn measure(real: &[f64], generated: &[f64], shifts: usize, seed: u64) -> Option<Self> {
        let found = pearson(real, generated)?;
        let possible = real.len() - 1;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let drawn = sample(&mut rng, possible, shifts.min(possible));
        let (mut as_good, mut done) = (1, 1);
        for shift in drawn {
            let mut shifted = generated.to_vec();
            shifted.rotate_right(shift + 1);
            // Rounding must not tell two shifts of a periodic rate apart.
            as_good += u32::from(pearson(real, &shifted).is_some_and(|r| r >= found - 1e-12));
            done += 1;
        }
        Some(Self {
            pearson: found,
            spearman: spearman(real, generated)?,
            p: f64::from(as_good) / f64::from(done),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values 3, 1, 3, 9 have ranks 2.5, 1, 2.5, 4.
    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(pearson(&[], &[]), None);
        assert_eq!(Correlation::measure(&[1.0], &[2.0], 10, 1), None);
        assert_eq!(pearson(&[0.1; 3], &[0.1; 3]), None); // whose mean is not 0.1
        assert_eq!(pearson(&[f64::NAN, 1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn neither_small_nor_large_values_are_lost() {
        for scale in [1e-100, 1.0, 1e100] {
            let rate = [1.0, 2.0, 4.0].map(|value| value * scale);
            let found = pearson(&rate, &rate).unwrap();
            assert!((found - 1.0).abs() < 1e-12, "{scale}: {found}");
        }
    }

    /// A rate of period 2 over six seconds: of the five shifts two (by 2 and by 4) are as good, so
    /// p is 3 of 6.
    #[test]
    fn shifts_of_a_periodic_rate_are_as_good() {
        let rate = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let found = Correlation::measure(&rate, &rate, 1_000, 1).unwrap();
        assert_eq!(found.p, 0.5);
    }
}
