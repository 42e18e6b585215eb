use std::{collections::HashMap, hash::Hash};

use jp_tokenize::BOS;

use super::unigram::{Unigram, nll};
use crate::{
    pairs::{Pair, Pairs},
    word_nlls::WordNlls,
};

/// Weights by how often a context was seen: once, 2 or 3 times, 4 to 7 times and so on.
const BUCKETS: usize = 16;
/// The held-out part of train that the weights are tuned on: the fifth of ten parts.
const PARTS: usize = 10;
const TUNED_ON: usize = 4;
/// Steps of expectation maximisation.
const STEPS: usize = 50;

/// Trigram language model with Jelinek-Mercer interpolation, which sees no picture.
///
/// Jelinek and Mercer (1980); Chen and Goodman (1999), section 2.3:
/// `p(w | u v) = λ(c(u v)) c(u v w)/c(u v) + (1 − λ(c(u v))) p(w | v)`, the same again for
/// `p(w | v)` over a [`Unigram`]. The weights depend on the count of the context by powers of two;
/// they are those that expectation maximisation finds for a tenth of the training comments,
/// consecutive in time, under counts of the rest. Then all comments are counted.
///
/// ```
/// use caption_metrics::{Pairs, Trigram};
///
/// let mut pairs = Pairs::new(30);
/// for row in 0..40 {
///     pairs.push(row, &[4, 5]);
/// }
/// let model = Trigram::fit(&pairs, 6);
/// assert!(model.probability(&[4], 5) > 0.9); // 5 has always followed 4
/// let all: f64 = (2..6).map(|word| model.probability(&[5, 4], word)).sum();
/// assert!((all - 1.0).abs() < 1e-12); // though 4 has never followed 5
/// ```
#[derive(Clone, Debug)]
pub struct Trigram {
    unigram: Unigram,
    after_one: Order<[u32; 1], [u32; 2]>,
    after_two: Order<[u32; 2], [u32; 3]>,
}

/// Counts of the words behind contexts of one length, and the weights of their shares.
#[derive(Clone, Debug)]
struct Order<C, R> {
    contexts: HashMap<C, u32>,
    runs: HashMap<R, u32>,
    weights: [f64; BUCKETS],
}

impl Trigram {
    /// Fits to pairs; ids from `num_words` on never occur.
    #[must_use]
    pub fn fit(pairs: &Pairs, num_words: usize) -> Self {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&index| pairs.get(index).row);
        let part = |at: usize| at * PARTS / order.len().max(1);
        let (mut counted, mut tuned_on) = (Pairs::new(usize::MAX), Pairs::new(usize::MAX));
        for (at, &index) in order.iter().enumerate() {
            let Pair { row, words } = pairs.get(index);
            if part(at) == TUNED_ON {
                tuned_on.push(row, words);
            } else {
                counted.push(row, words);
            }
        }
        let mut rest = Self::count(&counted, num_words);
        rest.tune(&tuned_on);
        let mut all = Self::count(pairs, num_words);
        all.after_one.weights = rest.after_one.weights;
        all.after_two.weights = rest.after_two.weights;
        all
    }

    fn count(pairs: &Pairs, num_words: usize) -> Self {
        let (mut after_one, mut after_two) = (Order::new(), Order::new());
        for [u, v, w] in pairs.iter().flat_map(runs) {
            after_one.add([v], [v, w]);
            after_two.add([u, v], [u, v, w]);
        }
        Self {
            unigram: Unigram::fit(pairs, num_words),
            after_one,
            after_two,
        }
    }

    /// The weights of the lower order come first: those of the higher one depend on its
    /// probabilities.
    fn tune(&mut self, pairs: &Pairs) {
        let runs: Vec<[u32; 3]> = pairs.iter().flat_map(runs).collect();
        let lower = |&[_, v, w]: &[u32; 3]| {
            let (share, bucket) = self.after_one.share(&[v], &[v, w])?;
            Some((share, self.unigram.probability(w), bucket))
        };
        self.after_one.weights = weights(runs.iter().filter_map(lower).collect());
        let higher = |&[u, v, w]: &[u32; 3]| {
            let (share, bucket) = self.after_two.share(&[u, v], &[u, v, w])?;
            Some((share, self.after(v, w), bucket))
        };
        self.after_two.weights = weights(runs.iter().filter_map(higher).collect());
    }

    /// Probability of a word behind others; only the last two of `before` matter, and `<bos>`
    /// stands before the first.
    #[must_use]
    pub fn probability(&self, before: &[u32], word: u32) -> f64 {
        let nth_last = |n: usize| before.len().checked_sub(n).map_or(BOS, |at| before[at]);
        let (u, v) = (nth_last(2), nth_last(1));
        let lower = self.after(v, word);
        self.after_two.interpolate(&[u, v], &[u, v, word], lower)
    }

    fn after(&self, before: u32, word: u32) -> f64 {
        let lower = self.unigram.probability(word);
        self.after_one
            .interpolate(&[before], &[before, word], lower)
    }

    /// Negative log-likelihood of each word of `pairs`.
    #[must_use]
    pub fn word_nlls(&self, pairs: &Pairs) -> WordNlls {
        let mut nlls = WordNlls::default();
        for pair in pairs.iter() {
            nlls.push(runs(pair).map(|[u, v, w]| nll(self.probability(&[u, v], w))));
        }
        nlls
    }
}

impl<C: Eq + Hash, R: Eq + Hash> Order<C, R> {
    fn new() -> Self {
        Self {
            contexts: HashMap::new(),
            runs: HashMap::new(),
            weights: [0.5; BUCKETS],
        }
    }

    fn add(&mut self, context: C, run: R) {
        *self.contexts.entry(context).or_default() += 1;
        *self.runs.entry(run).or_default() += 1;
    }

    /// The word's share behind its context and the bucket of its weight, if the context was seen.
    fn share(&self, context: &C, run: &R) -> Option<(f64, usize)> {
        let seen = *self.contexts.get(context)?;
        let run = self.runs.get(run).copied().unwrap_or(0);
        let bucket = (seen.ilog2() as usize).min(BUCKETS - 1);
        Some((f64::from(run) / f64::from(seen), bucket))
    }

    fn interpolate(&self, context: &C, run: &R, lower: f64) -> f64 {
        match self.share(context, run) {
            Some((share, bucket)) => {
                let weight = self.weights[bucket];
                weight * share + (1.0 - weight) * lower
            }
            None => lower,
        }
    }
}

/// The weights of two models in each bucket that make the words likeliest: each word is given with
/// the probabilities that the higher and the lower model give it.
fn weights(words: Vec<(f64, f64, usize)>) -> [f64; BUCKETS] {
    let mut weights = [0.5; BUCKETS];
    for _ in 0..STEPS {
        let mut owed = [(0.0, 0.0); BUCKETS];
        for &(higher, lower, bucket) in &words {
            let own = weights[bucket] * higher;
            let all = own + (1.0 - weights[bucket]) * lower;
            if all > 0.0 {
                owed[bucket].0 += own / all;
                owed[bucket].1 += 1.0;
            }
        }
        for (weight, (own, all)) in weights.iter_mut().zip(owed) {
            if all > 0.0 {
                // Never all: a word that was never seen behind its context must stay possible.
                *weight = (own / all).clamp(0.0, 1.0 - 1e-6);
            }
        }
    }
    weights
}

/// Each word of a comment behind the two before it.
fn runs(pair: Pair<'_>) -> impl Iterator<Item = [u32; 3]> + '_ {
    let mut before = [BOS, BOS];
    pair.targets().map(move |word| {
        let run = [before[0], before[1], word];
        before = [before[1], word];
        run
    })
}

#[cfg(test)]
mod tests {
    use jp_tokenize::EOS;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn random_pairs(seed: u64, comments: usize) -> Pairs {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut pairs = Pairs::new(30);
        for row in 0..comments {
            let length = rng.random_range(1..6);
            let words: Vec<u32> = (0..length).map(|_| rng.random_range(3..12)).collect();
            pairs.push(row, &words);
        }
        pairs
    }

    /// Behind every context, seen or not, the probabilities of all words that can be written sum to
    /// 1.
    #[test]
    fn probabilities_sum_to_one_behind_every_context() {
        let model = Trigram::fit(&random_pairs(1, 200), 14);
        for u in BOS..14 {
            for v in BOS..14 {
                let all: f64 = (0..14).map(|w| model.probability(&[u, v], w)).sum();
                assert!((all - 1.0).abs() < 1e-12, "{u} {v}: {all}");
            }
        }
        assert_eq!(model.probability(&[4], BOS), 0.0);
        assert!(model.probability(&[], EOS) > 0.0);
    }

    /// Four of eight words have a higher probability of 1 and a lower one of 0, the others the
    /// reverse: the likeliest weight is 1/2; with six of eight it is 3/4. The other buckets keep
    /// what they had.
    #[test]
    fn weights_are_the_likeliest() {
        let words = |right: usize| {
            (0..8).map(move |at| {
                if at < right {
                    (1.0, 0.0, 3)
                } else {
                    (0.0, 1.0, 3)
                }
            })
        };
        assert!((weights(words(4).collect())[3] - 0.5).abs() < 1e-9);
        assert!((weights(words(6).collect())[3] - 0.75).abs() < 1e-9);
        assert_eq!(weights(words(6).collect())[2], 0.5);
    }

    /// Words drawn without regard to those before them: contexts teach nothing, and the model must
    /// be hardly worse than frequencies.
    #[test]
    fn contexts_that_teach_nothing_do_not_harm() {
        let (train, dev) = (random_pairs(1, 2_000), random_pairs(2, 500));
        let mean = |nlls: WordNlls| {
            (0..nlls.len()).map(|at| nlls.comment(at)).sum::<f64>() / dev.num_targets() as f64
        };
        let model = mean(Trigram::fit(&train, 12).word_nlls(&dev));
        let unigram = mean(Unigram::fit(&train, 12).word_nlls(&dev));
        assert!(model < unigram + 0.01, "{model} {unigram}");
    }
}
