use serde::{Deserialize, Serialize};

use super::seconds::HeldOutSeconds;

/// The Poisson deviance `2 Σ (y ln(y/μ) − (y − μ))` of counts under expected counts (McCullagh and
/// Nelder 1989, table 2.1); 0 is a perfect fit. A single count and its rate will do as well.
///
/// Infinite where a comment was counted although none was expected: whoever compares with a rate
/// that can be 0 keeps it above.
///
/// ```
/// use caption_metrics::poisson_deviance;
///
/// assert_eq!(poisson_deviance(&[3.0, 0.0], &[3.0, 0.0]), 0.0);
/// let deviance = poisson_deviance(&[2.0, 0.0], &[1.0, 1.0]); // 2·(2 ln 2 − 1) + 2·1
/// assert!((deviance - 4.0 * 2f64.ln()).abs() < 1e-12);
/// assert_eq!(poisson_deviance(&[0.0], &[2.0]), 4.0);
/// assert_eq!(poisson_deviance(&[1.0], &[0.0]), f64::INFINITY);
/// ```
///
/// # Panics
///
/// Panics if the lengths differ.
#[must_use]
pub fn poisson_deviance(counts: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(
        counts.len(),
        expected.len(),
        "an expectation for each count"
    );
    let terms = counts.iter().zip(expected).map(|(&y, &mu)| {
        let log = if y > 0.0 { y * (y / mu).ln() } else { 0.0 };
        2.0 * (log - (y - mu))
    });
    terms.sum()
}

/// The deviance of counts under negative binomial distributions with these means and variances
/// `μ + μ² / size`, `2 Σ (y ln(y/μ) − (y + r) ln((y + r)/(μ + r)))` with `r = size` (Hilbe 2011,
/// section 8.2); 0 is a perfect fit. Counts that come in bursts scatter more than Poisson's, to
/// whose deviance this tends as `size` grows.
///
/// ```
/// use caption_metrics::{negative_binomial_deviance, poisson_deviance};
///
/// assert_eq!(negative_binomial_deviance(&[3.0, 0.0], &[3.0, 0.0], 2.0), 0.0);
/// // Nothing where 2 were expected, size 2: −2 · 2 ln(2/4) = 4 ln 2.
/// let deviance = negative_binomial_deviance(&[0.0], &[2.0], 2.0);
/// assert!((deviance - 4.0 * 2f64.ln()).abs() < 1e-12);
/// let almost = negative_binomial_deviance(&[5.0], &[2.0], 1e9);
/// assert!((almost - poisson_deviance(&[5.0], &[2.0])).abs() < 1e-6);
/// ```
///
/// # Panics
///
/// Panics if the lengths differ.
#[must_use]
pub fn negative_binomial_deviance(counts: &[f64], expected: &[f64], size: f64) -> f64 {
    assert_eq!(
        counts.len(),
        expected.len(),
        "an expectation for each count"
    );
    let terms = counts.iter().zip(expected).map(|(&y, &mu)| {
        let log = if y > 0.0 { y * (y / mu).ln() } else { 0.0 };
        2.0 * (log - (y + size) * ((y - mu) / (mu + size)).ln_1p())
    });
    terms.sum()
}

/// Goodness of fit of a written comment rate: its Poisson deviance beside that of the mean rate.
///
/// ```
/// use caption_metrics::{HeldOutSeconds, RateFit};
///
/// let held_out = HeldOutSeconds::new(0..40);
/// let real: Vec<f64> = (0..40).map(|second| if second < 20 { 9.0 } else { 1.0 }).collect();
/// let fit = RateFit::measure(&held_out, &real, &real, 2.0);
/// assert!(fit.deviance < 0.2 * fit.mean_rate);
/// assert!(fit.explained > 0.8);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RateFit {
    /// Poisson deviance of the real counts under the written rate.
    pub deviance: f64,
    /// The same under their mean.
    pub mean_rate: f64,
    /// Share of the latter that the written rate explains: `1 − deviance / mean_rate`; below 0
    /// where it is worse than the mean, and 0 where the real rate is constant.
    pub explained: f64,
}

impl RateFit {
    /// Compares counts a second.
    ///
    /// The written counts, half a comment added to each second so that none is expected to be
    /// empty, are smoothed by `sigma` seconds and scaled to the real number of comments, which the
    /// mean knows as well.
    ///
    /// # Panics
    ///
    /// Panics if there is not a count for each second.
    #[must_use]
    pub fn measure(held_out: &HeldOutSeconds, real: &[f64], generated: &[f64], sigma: f64) -> Self {
        let padded: Vec<f64> = generated.iter().map(|count| count + 0.5).collect();
        let smooth = held_out.smooth(&padded, sigma);
        let total: f64 = real.iter().sum();
        let scale = total / smooth.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let expected: Vec<f64> = smooth.iter().map(|rate| rate * scale).collect();
        let mean = total / real.len().max(1) as f64;
        let deviance = poisson_deviance(real, &expected);
        let mean_rate = poisson_deviance(real, &vec![mean; real.len()]);
        Self {
            deviance,
            mean_rate,
            explained: if mean_rate > 0.0 {
                1.0 - deviance / mean_rate
            } else {
                0.0
            },
        }
    }
}
