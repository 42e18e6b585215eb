use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::seconds::HeldOutSeconds;

/// Jensen-Shannon divergence of two counts of words, bits: 0 for equal shares, 1 where no word is
/// in both (Lin 1991, equation 4.1 with equal weights). 1 if one of them is empty.
///
/// ```
/// use caption_metrics::js_divergence;
///
/// assert_eq!(js_divergence([1, 2, 1, 2], [2, 1]), 0.0);
/// assert_eq!(js_divergence([1], [2]), 1.0);
/// // (1, 0) and (1/2, 1/2): the mean is (3/4, 1/4); ½ log₂(4/3) + ½ (½ log₂(2/3) + ½ log₂ 2).
/// let expected = 0.5 * (4f64 / 3.0).log2() + 0.25 * (2f64 / 3.0).log2() + 0.25;
/// assert!((js_divergence([1], [1, 2]) - expected).abs() < 1e-12);
/// ```
#[must_use]
pub fn js_divergence<W: Ord>(
    a: impl IntoIterator<Item = W>,
    b: impl IntoIterator<Item = W>,
) -> f64 {
    let mut counts: BTreeMap<W, [f64; 2]> = BTreeMap::new();
    for word in a {
        counts.entry(word).or_default()[0] += 1.0;
    }
    for word in b {
        counts.entry(word).or_default()[1] += 1.0;
    }
    let total = |side: usize| counts.values().map(|count| count[side]).sum::<f64>();
    let totals = [total(0), total(1)];
    if totals.contains(&0.0) {
        return 1.0;
    }
    let divergence: f64 = counts
        .values()
        .map(|count| {
            let shares = [count[0] / totals[0], count[1] / totals[1]];
            let mean = f64::midpoint(shares[0], shares[1]);
            let term = |p: f64| {
                if p > 0.0 {
                    0.5 * p * (p / mean).log2()
                } else {
                    0.0
                }
            };
            term(shares[0]) + term(shares[1])
        })
        .sum();
    divergence.clamp(0.0, 1.0)
}

/// A comment's words and the time it was said at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimedWords<'a> {
    /// When, seconds.
    pub time: f64,
    /// The ids of its words.
    pub words: &'a [u32],
}

/// The comments that a [`WordDivergence`] compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DivergenceComments<'a> {
    /// Comments by people.
    pub real: &'a [TimedWords<'a>],
    /// Comments written by the model.
    pub generated: &'a [TimedWords<'a>],
    /// Comments of any time, for the baseline: drawn with replacement.
    pub others: &'a [&'a [u32]],
}

/// Jensen-Shannon divergence of the words written in a window of time from those that people said
/// then, mean over windows, bits.
///
/// In each window one half of the real comments is compared with equally many of: the other half,
/// those that were written, and others. Divergences of few comments are high, so only those of
/// equal numbers compare.
///
/// ```
/// use caption_metrics::{DivergenceComments, HeldOutSeconds, TimedWords, WordDivergence};
///
/// let real = [TimedWords { time: 3.0, words: &[4] }; 6];
/// let comments = DivergenceComments { real: &real, generated: &real, others: &[&[5]] };
/// let divergence = WordDivergence::measure(&HeldOutSeconds::new(0..10), 10, comments, 1);
/// assert_eq!((divergence.windows, divergence.comments), (1, 3));
/// assert_eq!((divergence.noise_floor, divergence.generated, divergence.others), (0.0, 0.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WordDivergence {
    /// Windows compared: those in which people said at least two things and something was written.
    pub windows: usize,
    /// Comments on each side, over all windows.
    pub comments: usize,
    /// Between two halves of the real comments: what no one can beat on average.
    pub noise_floor: f64,
    /// Between the real comments and the written ones.
    pub generated: f64,
    /// Between the real comments and others, drawn regardless of the time.
    pub others: f64,
}

impl WordDivergence {
    /// Compares windows of `window` held-out seconds each, cut from the beginning of every run of
    /// neighbouring seconds.
    ///
    /// # Panics
    ///
    /// Panics if `window` is 0.
    #[must_use]
    pub fn measure(
        held_out: &HeldOutSeconds,
        window: usize,
        comments: DivergenceComments<'_>,
        seed: u64,
    ) -> Self {
        let DivergenceComments {
            real,
            generated,
            others,
        } = comments;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sum = Self::default();
        let mut windows = vec![usize::MAX; held_out.as_slice().len()];
        let mut num_windows = 0;
        for run in held_out.runs() {
            for (at, bin) in run.enumerate() {
                num_windows += usize::from(at % window == 0);
                windows[bin] = num_windows - 1;
            }
        }
        let by_window = |said: &[TimedWords<'_>]| -> Vec<Vec<usize>> {
            let mut by_window = vec![Vec::new(); num_windows];
            for (index, comment) in said.iter().enumerate() {
                if let Some(bin) = held_out.bin(comment.time)
                    && !comment.words.is_empty()
                {
                    by_window[windows[bin]].push(index);
                }
            }
            by_window
        };
        for (mut own, mut written) in by_window(real).into_iter().zip(by_window(generated)) {
            let size = (own.len() / 2).min(written.len());
            if size == 0 || others.is_empty() {
                continue;
            }
            own.shuffle(&mut rng);
            written.shuffle(&mut rng);
            let words = |comments: &[usize], of: &[TimedWords<'_>]| -> Vec<u32> {
                let words = comments.iter().flat_map(|&index| of[index].words);
                words.copied().collect()
            };
            let half = words(&own[..size], real);
            let other_half = words(&own[size..2 * size], real);
            let drawn: Vec<u32> = (0..size)
                .flat_map(|_| others[rng.random_range(0..others.len())])
                .copied()
                .collect();
            sum.windows += 1;
            sum.comments += size;
            sum.noise_floor += js_divergence(half.iter().copied(), other_half);
            sum.generated +=
                js_divergence(half.iter().copied(), words(&written[..size], generated));
            sum.others += js_divergence(half, drawn);
        }
        let windows = sum.windows.max(1) as f64;
        sum.noise_floor /= windows;
        sum.generated /= windows;
        sum.others /= windows;
        sum
    }
}
