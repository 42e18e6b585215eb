use std::collections::HashMap;

use super::unigram::{Unigram, nll};
use crate::{
    pairs::{Pair, Pairs},
    word_nlls::WordNlls,
};

/// Weights of the prior to choose from, in words.
const PRIORS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4];

/// Unigram language model of each second of a video, smoothed by a Dirichlet prior; it sees no
/// picture.
///
/// `p(w | second) = (c(w in second) + μ p(w)) / (words in second + μ)`, a Dirichlet prior of the
/// frequencies of all times (Zhai and Lafferty 2001, equation 6). μ is the one of nine, 1 to
/// 10,000, under which comments of train are likeliest, each under the other comments of its
/// second.
///
/// ```
/// use caption_metrics::{Pairs, SecondUnigram};
///
/// let mut pairs = Pairs::new(30);
/// for row in 0..60 {
///     pairs.push(row, &[if row < 30 { 4 } else { 5 }]); // 4 in the first second, 5 in the next
/// }
/// let model = SecondUnigram::fit(&pairs, 6, |row| row as u64 / 30);
/// assert!(model.probability(0, 4) > 0.4 && model.probability(1, 4) < 0.1);
/// ```
#[derive(Clone, Debug)]
pub struct SecondUnigram {
    counts: Counts,
    unigram: Unigram,
    prior: f64,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    words: HashMap<(u64, u32), u32>,
    totals: HashMap<u64, u32>,
}

impl Counts {
    fn of(pairs: &Pairs, second_of: impl Fn(usize) -> u64) -> Self {
        let mut counts = Self::default();
        for pair in pairs.iter() {
            let second = second_of(pair.row);
            for word in pair.targets() {
                *counts.words.entry((second, word)).or_default() += 1;
                *counts.totals.entry(second).or_default() += 1;
            }
        }
        counts
    }

    fn word(&self, second: u64, word: u32) -> f64 {
        f64::from(self.words.get(&(second, word)).copied().unwrap_or(0))
    }

    fn total(&self, second: u64) -> f64 {
        f64::from(self.totals.get(&second).copied().unwrap_or(0))
    }
}

impl SecondUnigram {
    /// Counts the words of each second; `second_of` maps a pair's row to it. Ids from `num_words`
    /// on never occur.
    #[must_use]
    pub fn fit(pairs: &Pairs, num_words: usize, second_of: impl Fn(usize) -> u64) -> Self {
        let mut model = Self {
            counts: Counts::of(pairs, &second_of),
            unigram: Unigram::fit(pairs, num_words),
            prior: PRIORS[0],
        };
        let mut best = f64::INFINITY;
        for prior in PRIORS {
            let nll: f64 = pairs
                .iter()
                .flat_map(|pair| model.without(pair, second_of(pair.row), prior))
                .map(f64::from)
                .sum();
            if nll < best {
                (best, model.prior) = (nll, prior);
            }
        }
        model
    }

    /// The same model with the words that others said at the time: of held-out comments, in which a
    /// model is not to look. It tells what knowing the moment is worth. See
    /// [`word_nlls_of_others`](Self::word_nlls_of_others).
    #[must_use]
    pub fn with_comments(&self, pairs: &Pairs, second_of: impl Fn(usize) -> u64) -> Self {
        Self {
            counts: Counts::of(pairs, second_of),
            ..self.clone()
        }
    }

    /// Probability of a word in a second.
    #[must_use]
    pub fn probability(&self, second: u64, word: u32) -> f64 {
        let own = self.counts.word(second, word) + self.prior * self.unigram.probability(word);
        own / (self.counts.total(second) + self.prior)
    }

    /// Negative log-likelihood of each word of `pairs`.
    #[must_use]
    pub fn word_nlls(&self, pairs: &Pairs, second_of: impl Fn(usize) -> u64) -> WordNlls {
        let mut nlls = WordNlls::default();
        for pair in pairs.iter() {
            let second = second_of(pair.row);
            nlls.push(
                pair.targets()
                    .map(|word| nll(self.probability(second, word))),
            );
        }
        nlls
    }

    /// Negative log-likelihood of each word of pairs that were counted themselves, under the other
    /// comments of its second (leave-one-out).
    #[must_use]
    pub fn word_nlls_of_others(&self, pairs: &Pairs, second_of: impl Fn(usize) -> u64) -> WordNlls {
        let mut nlls = WordNlls::default();
        for pair in pairs.iter() {
            nlls.push(self.without(pair, second_of(pair.row), self.prior));
        }
        nlls
    }

    /// What the words of a comment cost under the others of its second.
    fn without(&self, pair: Pair<'_>, second: u64, prior: f64) -> Vec<f32> {
        let mut own: HashMap<u32, f64> = HashMap::new();
        for word in pair.targets() {
            *own.entry(word).or_default() += 1.0;
        }
        let total = (self.counts.total(second) - (pair.words.len() + 1) as f64).max(0.0);
        let word_nll = |word| {
            let others = (self.counts.word(second, word) - own[&word]).max(0.0);
            nll((others + prior * self.unigram.probability(word)) / (total + prior))
        };
        pair.targets().map(word_nll).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second_of(row: usize) -> u64 {
        row as u64
    }

    /// Every second's probabilities sum to 1, also those of a second without comments, which are
    /// the unigram's.
    #[test]
    fn probabilities_sum_to_one() {
        let mut pairs = Pairs::new(30);
        pairs.push(1, &[4, 4]);
        pairs.push(1, &[5]);
        pairs.push(2, &[5]);
        let model = SecondUnigram::fit(&pairs, 7, second_of);
        for second in 0..4 {
            let all: f64 = (0..7).map(|word| model.probability(second, word)).sum();
            assert!((all - 1.0).abs() < 1e-12, "{second}: {all}");
        }
        assert_eq!(model.probability(9, 4), model.unigram.probability(4));
    }

    /// Of the second's comments "4" and "5" the first, left out, leaves the words 5 and <eos>: 4
    /// costs as if only they had been said.
    #[test]
    fn a_comment_does_not_predict_itself() {
        let mut pairs = Pairs::new(30);
        pairs.push(1, &[4]);
        pairs.push(1, &[5]);
        let mut model = SecondUnigram::fit(&pairs, 6, second_of);
        model.prior = 3.0;
        let nlls = model.word_nlls_of_others(&pairs, second_of);
        let expected = 3.0 * model.unigram.probability(4) / (2.0 + 3.0);
        assert!((f64::from(nlls.get(0)[0]) + expected.ln()).abs() < 1e-6);
    }
}
