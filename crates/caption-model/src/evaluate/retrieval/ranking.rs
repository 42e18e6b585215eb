use serde::{Deserialize, Serialize};

use super::super::bootstrap::Estimate;

/// Where the true comments came among the candidates, over many moments.
///
/// Recalls are shares, 0 to 1; ranks count from 1.
///
/// ```
/// use caption_model::evaluate::Ranking;
///
/// let ranking = Ranking::of(&[1, 4, 20], 1); // three moments
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
    /// Scores the rank that the first true candidate had in each moment, with bootstrap intervals over the moments.
    pub fn of(ranks: &[usize], seed: u64) -> Self {
        Self::means(ranks.len(), seed, |moment, score| score(ranks[moment]))
    }

    /// How much better one order of the same moments is than another: the means of `ranks`' scores less those of `others`', moment by
    /// moment, with bootstrap intervals over the moments. Recalls and reciprocal ranks above 0 and ranks below 0 are better.
    ///
    /// Both orders have their hard moments in common, so this interval is narrower than what those of each alone suggest: an order is
    /// better where it leaves 0 out.
    ///
    /// ```
    /// use caption_model::evaluate::Ranking;
    ///
    /// let (model, popularity) = ([1, 10, 30], [2, 20, 60]);
    /// let gain = Ranking::difference(&model, &popularity, 1);
    /// assert!((gain.mean_rank.value - -41.0 / 3.0).abs() < 1e-12);
    /// assert!(gain.mean_rank.high < 0.0 && gain.mrr.low > 0.0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the slices differ in length.
    pub fn difference(ranks: &[usize], others: &[usize], seed: u64) -> Self {
        assert_eq!(ranks.len(), others.len(), "two ranks for each moment");
        Self::means(ranks.len(), seed, |moment, score| {
            score(ranks[moment]) - score(others[moment])
        })
    }

    /// The means over moments of what `of` makes of each score.
    fn means(moments: usize, seed: u64, of: impl Fn(usize, &dyn Fn(usize) -> f64) -> f64) -> Self {
        let mean = |score: &dyn Fn(usize) -> f64| {
            let values: Vec<f64> = (0..moments).map(|moment| of(moment, score)).collect();
            Estimate::mean(&values, seed)
        };
        Self {
            recall_1: mean(&|rank| share(rank <= 1)),
            recall_5: mean(&|rank| share(rank <= 5)),
            recall_10: mean(&|rank| share(rank <= 10)),
            mean_rank: mean(&|rank| rank as f64),
            mrr: mean(&|rank| 1.0 / rank.max(1) as f64),
        }
    }
}

fn share(reached: bool) -> f64 {
    f64::from(u8::from(reached))
}

/// The rank, from 1, of the first true candidate when the highest score comes first, or `None` without one.
///
/// Candidates of equal score keep their order, so their order has to be random; a score that is not a number comes last.
///
/// ```
/// use caption_model::evaluate::first_true_rank;
///
/// assert_eq!(first_true_rank(&[(0.1, false), (0.9, false), (0.5, true)]), Some(2));
/// assert_eq!(first_true_rank(&[(f64::NAN, true), (-9.0, false)]), Some(2));
/// ```
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
