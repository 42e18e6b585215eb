use std::ops::Range;

/// Options of burst detection: when [`bursts()`] takes a run of bins for a burst. Made by
/// `default()` and the setters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BurstOptions {
    /// How many times the mean rate a burst has, `s`; above 1, or there are no bursts. Default: 2.
    pub ratio: f64,
    /// What beginning a burst costs, `γ`, in units of ln(bins): the higher, the fewer and stronger.
    /// Default: 1.
    pub cost: f64,
}

impl Default for BurstOptions {
    fn default() -> Self {
        Self {
            ratio: 2.0,
            cost: 1.0,
        }
    }
}

impl BurstOptions {
    /// Sets [`ratio`](Self::ratio).
    #[must_use]
    pub fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = ratio;
        self
    }

    /// Sets [`cost`](Self::cost).
    #[must_use]
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }
}

/// A run of bins with far more comments than the mean; found by [`bursts()`].
///
/// ```
/// use nico_comments::{BurstOptions, bursts};
///
/// let mut per_second = [4_u64; 60];
/// per_second[20..23].copy_from_slice(&[40, 90, 30]);
/// let found = bursts(&per_second, &BurstOptions::default());
/// assert_eq!((found.len(), found[0].bins.clone(), found[0].comments), (1, 20..23, 160));
/// assert!(found[0].weight > 60.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Burst {
    /// The bins, counted from 0: seconds for counts per second, frames for counts per frame.
    pub bins: Range<usize>,
    /// Comments in them.
    pub comments: u64,
    /// How much more likely they are under the rate of a burst than under the mean rate, in nats.
    pub weight: f64,
}

/// Detects the bursts in counts per bin, in order of time.
///
/// Kleinberg, "Bursty and Hierarchical Structure in Streams" (2002): an automaton of two states
/// emits comments, at the mean rate in one and `s` times as many in the other; to go up costs `γ`
/// ln(bins), to go down nothing, and the bursts are the stays above on the cheapest way through all
/// bins. His bins hold relevant documents among all documents, binomially distributed; comments
/// have no such total, so a bin's count is Poisson here, the limit of his for many documents. Then
/// a bin of `c` comments, with the mean `λ`, is worth `c` ln `s` − (`s` − 1)`λ` above.
///
/// Takes time in proportion to the bins, and 2 bytes for each.
#[must_use]
pub fn bursts<N: Copy + Into<u64>>(counts: &[N], options: &BurstOptions) -> Vec<Burst> {
    let &BurstOptions { ratio, cost } = options;
    let total: f64 = counts.iter().map(|&count| count.into() as f64).sum();
    if !(ratio > 1.0 && ratio.is_finite() && cost >= 0.0) || total == 0.0 {
        return Vec::new();
    }
    let bins = counts.len() as f64;
    let (bonus, rent) = (ratio.ln(), (ratio - 1.0) * total / bins);
    let entry = cost * bins.ln();
    let gain = |bin: usize| counts[bin].into() as f64 * bonus - rent;

    // The best sums of gains less entries that end below and above, and whether each came from
    // above.
    let (mut below, mut above) = (0.0_f64, f64::NEG_INFINITY);
    let mut came = Vec::with_capacity(counts.len());
    for bin in 0..counts.len() {
        let (down, stay) = (above > below, above > below - entry);
        came.push((down, stay));
        let next = above.max(below - entry) + gain(bin);
        below = below.max(above);
        above = next;
    }

    let mut found = Vec::new();
    let mut end = None;
    let mut up = above > below;
    for bin in (0..counts.len()).rev() {
        if up {
            let end_here = *end.get_or_insert(bin + 1);
            let (_, stay) = came[bin];
            if !stay {
                found.push(bin..end_here);
                end = None;
            }
            up = stay;
        } else {
            up = came[bin].0;
        }
    }
    let burst = |bins: Range<usize>| Burst {
        comments: counts[bins.clone()]
            .iter()
            .fold(0, |sum, &count| sum.saturating_add(count.into())),
        weight: bins.clone().map(gain).sum(),
        bins,
    };
    found.into_iter().rev().map(burst).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a way through the bins is worth: a bit for each bin, set where it is above.
    fn worth(counts: &[u32], ways: u32, options: &BurstOptions) -> f64 {
        let mean = counts.iter().sum::<u32>() as f64 / counts.len() as f64;
        let mut sum = 0.0;
        for (bin, &count) in counts.iter().enumerate() {
            let above = ways >> bin & 1 == 1;
            let before = bin > 0 && ways >> (bin - 1) & 1 == 1;
            if above {
                sum += f64::from(count) * options.ratio.ln() - (options.ratio - 1.0) * mean;
            }
            if above && !before {
                sum -= options.cost * (counts.len() as f64).ln();
            }
        }
        sum
    }

    #[test]
    fn nothing_bursts_in_nothing() {
        let options = BurstOptions::default();
        assert!(bursts::<u32>(&[], &options).is_empty());
        assert!(bursts(&[0_u32; 9], &options).is_empty());
        assert!(bursts(&[7_u32; 9], &options).is_empty());
        assert!(bursts(&[7_u32], &options).is_empty());
        assert!(bursts(&[u64::MAX, u64::MAX], &options).is_empty());
    }

    #[test]
    fn odd_options_find_nothing() {
        let counts = [0_u32, 0, 0, 90, 0, 0];
        for ratio in [1.0, 0.5, -2.0, f64::NAN, f64::INFINITY] {
            assert!(bursts(&counts, &BurstOptions::default().ratio(ratio)).is_empty());
        }
        for cost in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(bursts(&counts, &BurstOptions::default().cost(cost)).is_empty());
        }
        assert_eq!(bursts(&counts, &BurstOptions::default()).len(), 1);
    }

    proptest! {
        /// No way through the bins is worth more than the one found: all are tried.
        #[test]
        fn no_way_is_worth_more(
            counts in prop::collection::vec(prop_oneof![0..4_u32, 0..40_u32], 1..11),
            ratio in 1.1..5.0_f64,
            cost in 0.0..2.0_f64,
        ) {
            let options = BurstOptions::default().ratio(ratio).cost(cost);
            let best = (0..1 << counts.len()).map(|way| worth(&counts, way, &options)).fold(0.0, f64::max);
            let found = bursts(&counts, &options);
            let way = found.iter().flat_map(|burst| burst.bins.clone()).fold(0, |way, bin| way | 1 << bin);
            prop_assert!((worth(&counts, way, &options) - best).abs() < 1e-6);
        }

        /// Bursts are apart and in order, count what is in them, and are worth more than their
        /// entry.
        #[test]
        fn bursts_are_apart_and_add_up(counts in prop::collection::vec(prop_oneof![0..4_u32, 0..400_u32], 0..200)) {
            let found = bursts(&counts, &BurstOptions::default());
            for pair in found.windows(2) {
                prop_assert!(pair[0].bins.end < pair[1].bins.start);
            }
            let total: u64 = counts.iter().copied().map(u64::from).sum();
            for burst in &found {
                let inside = &counts[burst.bins.clone()];
                let comments: u64 = inside.iter().copied().map(u64::from).sum();
                prop_assert_eq!(burst.comments, comments);
                prop_assert!(burst.weight > (counts.len() as f64).ln() - 1e-6);
                let mean = total as f64 / counts.len() as f64;
                prop_assert!(comments as f64 / inside.len() as f64 > mean);
            }
        }
    }
}
