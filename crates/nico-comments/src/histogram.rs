//! Counts of small numbers.

/// How often 0, 1, 2, … were counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
}

impl Histogram {
    /// Counts a number; memory is as large as the largest.
    pub(crate) fn push(&mut self, number: usize) {
        if self.counts.len() <= number {
            self.counts.resize(number + 1, 0);
        }
        self.counts[number] += 1;
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// The numbers counted; at most `u64::MAX`.
    pub(crate) fn total(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// The number that a share `u` of all stay below, from 0 to 1; 0 if nothing was counted.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; a share of a count fits"
    )]
    pub(crate) fn quantile(&self, u: f64) -> usize {
        let mut left = (u.clamp(0.0, 1.0) * self.total() as f64) as u64;
        for (number, &count) in self.counts.iter().enumerate() {
            if left < count {
                return number;
            }
            left -= count;
        }
        let last = self.counts.iter().rposition(|&count| count > 0);
        last.unwrap_or(0)
    }

    pub(crate) fn as_slice(&self) -> &[u64] {
        &self.counts
    }

    pub(crate) fn into_counts(self) -> Vec<u64> {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(numbers: &[usize]) -> Histogram {
        let mut histogram = Histogram::default();
        numbers.iter().for_each(|&number| histogram.push(number));
        histogram
    }

    #[test]
    fn absurd_histograms_are_no_trouble() {
        let counts = vec![u64::MAX, u64::MAX];
        let mut absurd = Histogram { counts };
        absurd.merge(&absurd.clone());
        assert_eq!(absurd.total(), u64::MAX);
        assert!(absurd.quantile(f64::NAN) <= 1 && absurd.quantile(7.0) <= 1);
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }

    /// 6 zeros, 3 ones, 1 two.
    #[test]
    fn quantiles_of_ten() {
        let histogram = of(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
        assert_eq!(histogram.as_slice(), [6, 3, 1]);
        let quantiles = [0.0, 0.59, 0.6, 0.95].map(|u| histogram.quantile(u));
        assert_eq!(quantiles, [0, 0, 1, 2]);
    }

    proptest! {
        /// Drawing with evenly spaced shares gives the numbers back.
        #[test]
        fn quantiles_give_the_numbers_back(numbers in prop::collection::vec(0..6_usize, 1..80)) {
            let histogram = of(&numbers);
            let mut drawn: Vec<_> =
                (0..numbers.len()).map(|n| histogram.quantile((n as f64 + 0.5) / numbers.len() as f64)).collect();
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            drawn.sort_unstable();
            prop_assert_eq!(drawn, sorted);
        }

        /// Merging is counting both.
        #[test]
        fn merging_is_counting_both(a in prop::collection::vec(0..9_usize, 0..8), b in prop::collection::vec(0..9_usize, 0..8)) {
            let mut both = of(&a);
            both.merge(&of(&b));
            prop_assert_eq!(both, of(&[a, b].concat()));
        }
    }
}
