use serde::{Deserialize, Serialize};

/// Expected retrieval scores of a random order of candidates; made by [`chance`].
///
/// ```
/// let chance = caption_metrics::chance(1, 10);
/// assert!((chance.recall_1 - 0.1).abs() < 1e-12 && (chance.mean_rank - 5.5).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Probability that a true candidate comes first.
    pub recall_1: f64,
    /// Probability that one is among the first five.
    pub recall_5: f64,
    /// Probability that one is among the first ten.
    pub recall_10: f64,
    /// Expected rank of the first true candidate.
    pub mean_rank: f64,
    /// Expected reciprocal of that rank.
    pub mrr: f64,
}

impl Chance {
    /// The mean of the chances of several sets. 0 of none.
    #[must_use]
    pub fn mean(sets: impl IntoIterator<Item = Self>) -> Self {
        let (mut sum, mut count) = (Self::default(), 0.0);
        for set in sets {
            sum.recall_1 += set.recall_1;
            sum.recall_5 += set.recall_5;
            sum.recall_10 += set.recall_10;
            sum.mean_rank += set.mean_rank;
            sum.mrr += set.mrr;
            count += 1.0;
        }
        let count = f64::max(count, 1.0);
        Self {
            recall_1: sum.recall_1 / count,
            recall_5: sum.recall_5 / count,
            recall_10: sum.recall_10 / count,
            mean_rank: sum.mean_rank / count,
            mrr: sum.mrr / count,
        }
    }
}

/// Expected retrieval scores of a random order of `num_candidates`, `num_true` of them true.
///
/// The first true one of g among N is at rank r with probability `C(N − r, g − 1) / C(N, g)`: the
/// others are among the N − r behind it. 0 where there is no true candidate.
#[must_use]
pub fn chance(num_true: usize, num_candidates: usize) -> Chance {
    let mut chance = Chance::default();
    if num_true == 0 || num_true > num_candidates {
        return chance;
    }
    let (g, n) = (num_true as f64, num_candidates as f64);
    let mut at_rank = g / n;
    for rank in 1..=num_candidates - num_true + 1 {
        let r = rank as f64;
        chance.recall_1 += if rank <= 1 { at_rank } else { 0.0 };
        chance.recall_5 += if rank <= 5 { at_rank } else { 0.0 };
        chance.recall_10 += if rank <= 10 { at_rank } else { 0.0 };
        chance.mean_rank += r * at_rank;
        chance.mrr += at_rank / r;
        at_rank *= (n - r - g + 1.0) / (n - r); // C(N − r − 1, g − 1) / C(N − r, g − 1)
    }
    chance
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five of a hundred. R@1 is 5/100; the mean rank of the first of g among N is (N + 1)/(g + 1)
    /// = 101/6 = 16.83; the others are 1 − C(95, k)/C(100, k): 23.04 % for k = 5 and 41.62 % for k
    /// = 10.
    #[test]
    fn five_of_a_hundred_score_as_the_protocol_says() {
        let found = chance(5, 100);
        let expected = [0.0500, 0.2304, 0.4162, 16.83, 0.1617];
        let found = [
            found.recall_1,
            found.recall_5,
            found.recall_10,
            found.mean_rank,
            found.mrr,
        ];
        for ((found, expected), tolerance) in found
            .into_iter()
            .zip(expected)
            .zip([5e-5, 5e-5, 5e-5, 5e-3, 5e-5])
        {
            assert!((found - expected).abs() < tolerance, "{found} {expected}");
        }
    }

    #[test]
    fn all_true_is_always_first_and_none_is_never() {
        assert_eq!(chance(7, 7).mean_rank, 1.0);
        assert_eq!(chance(0, 7), Chance::default());
        assert_eq!(chance(8, 7), Chance::default());
    }

    /// The mean over sets of one of two and one of four: (1/2 + 1/4)/2 and (1.5 + 2.5)/2.
    #[test]
    fn chances_of_sets_are_averaged() {
        let mean = Chance::mean([chance(1, 2), chance(1, 4)]);
        assert!((mean.recall_1 - 0.375).abs() < 1e-12);
        assert!((mean.mean_rank - 2.0).abs() < 1e-12);
        assert_eq!(Chance::mean([]), Chance::default());
    }
}
