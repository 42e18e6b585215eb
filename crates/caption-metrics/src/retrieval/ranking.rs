use serde::{Deserialize, Serialize};

use crate::bootstrap::Estimate;

/// Retrieval scores over many moments: recall at 1, 5 and 10, mean rank and mean reciprocal rank.
///
/// Recalls are shares, 0 to 1; ranks count from 1.
///
/// ```
/// use caption_metrics::Ranking;
///
/// let ranking = Ranking::from_ranks(&[1, 4, 20], 1); // three moments
/// assert!((ranking.recall_5.value - 2.0 / 3.0).abs() < 1e-12);
/// assert!((ranking.mean_rank.value - 25.0 / 3.0).abs() < 1e-12);
/// assert!((ranking.mrr.value - (1.0 + 0.25 + 0.05) / 3.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Share of moments whose first candidate is true.
    pub recall_1: Estimate,
    /// Share with a true one among the first five.
    pub recall_5: Estimate,
    /// Share with a true one among the first ten.
    pub recall_10: Estimate,
    /// Mean rank of the first true candidate.
    pub mean_rank: Estimate,
    /// Mean of its reciprocal.
    pub mrr: Estimate,
}

impl Ranking {
    /// Scores the rank that the first true candidate had in each moment, with bootstrap intervals
    /// over the moments.
    #[must_use]
    pub fn from_ranks(ranks: &[usize], seed: u64) -> Self {
        Self::by(|value| {
            let values: Vec<f64> = ranks.iter().map(|&rank| value(rank)).collect();
            Estimate::mean(&values, seed)
        })
    }

    /// As [`from_ranks`](Self::from_ranks), with intervals over groups of moments, such as those of
    /// an episode, which are drawn together.
    ///
    /// # Panics
    ///
    /// Panics if the slices differ in length.
    #[must_use]
    pub fn from_grouped_ranks(ranks: &[usize], groups: &[usize], seed: u64) -> Self {
        assert_eq!(ranks.len(), groups.len(), "a group for each moment");
        Self::by(|value| {
            let values = ranks.iter().zip(groups);
            Estimate::grouped_mean(values.map(|(&rank, &group)| (group, value(rank))), seed)
        })
    }

    /// By how much one order of the candidates scores higher than another order of the same ones:
    /// the means over the moments of what the orders differ by in each (the paired bootstrap).
    /// Recalls and MRR above 0 and a mean rank below 0 are better.
    ///
    /// Some moments are hard for any order. That makes the intervals of both orders wide and
    /// cancels in the differences, so that a difference can be certain where the intervals of
    /// [`from_ranks`](Self::from_ranks) overlap. Moments of the same number in `spans`, such as
    /// those of a scene, are drawn together.
    ///
    /// ```
    /// use caption_metrics::Ranking;
    ///
    /// let (model, other) = ([1, 4, 20], [2, 4, 30]); // three moments
    /// let difference = Ranking::difference(&model, &other, &[0, 1, 2], 1);
    /// assert!((difference.recall_1.value - 1.0 / 3.0).abs() < 1e-12);
    /// assert!((difference.mean_rank.value + 11.0 / 3.0).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the slices differ in length.
    #[must_use]
    pub fn difference(ranks: &[usize], others: &[usize], spans: &[usize], seed: u64) -> Self {
        assert_eq!(ranks.len(), others.len(), "the same moments");
        assert_eq!(ranks.len(), spans.len(), "a span for each moment");
        Self::by(|value| {
            let pairs = ranks.iter().zip(others).zip(spans);
            let values = pairs.map(|((&rank, &other), &span)| (span, value(rank) - value(other)));
            Estimate::grouped_mean(values, seed)
        })
    }

    /// All figures, each estimated from what a rank is worth by it.
    fn by(estimate: impl Fn(fn(usize) -> f64) -> Estimate) -> Self {
        Self {
            recall_1: estimate(|rank| share(rank <= 1)),
            recall_5: estimate(|rank| share(rank <= 5)),
            recall_10: estimate(|rank| share(rank <= 10)),
            mean_rank: estimate(|rank| rank as f64),
            mrr: estimate(|rank| 1.0 / rank.max(1) as f64),
        }
    }
}

fn share(reached: bool) -> f64 {
    f64::from(u8::from(reached))
}

/// Rank of the first true candidate, from 1, when the highest score comes first; `None` without
/// one.
///
/// Candidates of equal score keep their order, so their order has to be random; a score that is not
/// a number comes last.
///
/// ```
/// use caption_metrics::first_true_rank;
///
/// assert_eq!(first_true_rank(&[(0.1, false), (0.9, false), (0.5, true)]), Some(2));
/// assert_eq!(first_true_rank(&[(f64::NAN, true), (-9.0, false)]), Some(2));
/// ```
#[must_use]
pub fn first_true_rank(candidates: &[(f64, bool)]) -> Option<usize> {
    let score = |&(score, _): &(f64, bool)| {
        if score.is_nan() {
            f64::NEG_INFINITY
        } else {
            score
        }
    };
    let mut order: Vec<&(f64, bool)> = candidates.iter().collect();
    // Stable. What is not a number goes behind −∞ too.
    order.sort_by(|a, b| {
        score(b)
            .total_cmp(&score(a))
            .then(a.0.is_nan().cmp(&b.0.is_nan()))
    });
    order
        .iter()
        .position(|(_, is_true)| *is_true)
        .map(|at| at + 1)
}
