use jp_tokenize::EOS;

use crate::{likelihood::Likelihood, pairs::Pairs, word_nlls::WordNlls};

/// Unigram language model, which sees neither picture nor order: the baseline that a captioner has
/// to beat.
///
/// Relative frequencies of the training words and of `<eos>`, every word counted once more than it
/// occurred, so that none has probability zero.
///
/// ```
/// use caption_metrics::{Pairs, Unigram};
///
/// let mut pairs = Pairs::new(30);
/// pairs.push(0, &[4]);
/// pairs.push(0, &[4]);
/// let unigram = Unigram::fit(&pairs, 6); // <eos>, <unk>, 4 and 5 can be written
/// assert!((unigram.probability(4) - 3.0 / 8.0).abs() < 1e-12);
/// assert!((unigram.measure(&pairs).perplexity() - 8.0 / 3.0).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct Unigram {
    counts: Vec<u64>,
    total: u64,
}

impl Unigram {
    /// Counts the words of `pairs`; ids from `num_words` on are ignored.
    #[must_use]
    pub fn fit(pairs: &Pairs, num_words: usize) -> Self {
        let mut counts = vec![1; num_words];
        for special in counts.iter_mut().take(EOS as usize) {
            *special = 0; // <pad> and <bos> are never written
        }
        for word in pairs.iter().flat_map(|pair| pair.targets()) {
            if let Some(count) = counts.get_mut(word as usize) {
                *count += 1;
            }
        }
        Self {
            total: counts.iter().sum(),
            counts,
        }
    }

    /// Probability of a word; 0 for `<pad>`, `<bos>` and ids that do not exist.
    #[must_use]
    pub fn probability(&self, word: u32) -> f64 {
        let count = self.counts.get(word as usize).copied().unwrap_or(0);
        count as f64 / self.total.max(1) as f64
    }

    /// Likelihood of the words of `pairs`.
    #[must_use]
    pub fn measure(&self, pairs: &Pairs) -> Likelihood {
        Likelihood::from_nlls(pairs, &self.word_nlls(pairs))
    }

    /// Negative log-likelihood of each word of `pairs`.
    #[must_use]
    pub fn word_nlls(&self, pairs: &Pairs) -> WordNlls {
        let mut nlls = WordNlls::default();
        for pair in pairs.iter() {
            nlls.push(pair.targets().map(|word| nll(self.probability(word))));
        }
        nlls
    }
}

/// Negative log-likelihood of something of this probability, nats.
#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough")]
pub(super) fn nll(probability: f64) -> f32 {
    -probability.ln() as f32
}
