use jp_tokenize::UNK;

use crate::{pairs::Pairs, word_nlls::WordNlls};

/// Perplexity and mean negative log-likelihood per word, kept as sums with their counts so that
/// parts add up.
///
/// ```
/// use caption_metrics::Likelihood;
/// use jp_tokenize::UNK;
///
/// let mut likelihood = Likelihood::default();
/// likelihood.add(4, 8f64.ln()); // word 4 had probability 1/8
/// likelihood.add(UNK, 2f64.ln());
/// assert!((likelihood.perplexity() - 4.0).abs() < 1e-9); // the geometric mean of 8 and 2
/// assert!((likelihood.perplexity_known() - 8.0).abs() < 1e-9);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likelihood {
    nll: f64,
    targets: usize,
    unknown_nll: f64,
    unknown: usize,
}

impl Likelihood {
    /// Counts a word of this negative log-likelihood, nats.
    pub fn add(&mut self, word: u32, nll: f64) {
        self.nll += nll;
        self.targets += 1;
        if word == UNK {
            self.unknown_nll += nll;
            self.unknown += 1;
        }
    }

    /// Mean negative log-likelihood per word, nats; `<eos>` counts as a word, padding does not. 0
    /// without words.
    #[must_use]
    pub fn nll(&self) -> f64 {
        self.nll / self.targets.max(1) as f64
    }

    /// Perplexity per word: `exp` of [`nll`](Self::nll). 1 without words.
    #[must_use]
    pub fn perplexity(&self) -> f64 {
        self.nll().exp()
    }

    /// Perplexity per word over the words that are not `<unk>`.
    #[must_use]
    pub fn perplexity_known(&self) -> f64 {
        let known = self.targets - self.unknown;
        ((self.nll - self.unknown_nll) / known.max(1) as f64).exp()
    }

    /// Number of words measured.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Sums the negative log-likelihoods of the words of `pairs`.
    ///
    /// # Panics
    ///
    /// Panics if `nlls` are not those of `pairs`.
    #[must_use]
    pub fn from_nlls(pairs: &Pairs, nlls: &WordNlls) -> Self {
        assert_eq!(pairs.len(), nlls.len(), "a comment for each pair");
        let mut likelihood = Self::default();
        for (index, pair) in pairs.iter().enumerate() {
            for (word, &nll) in pair.targets().zip(nlls.get(index)) {
                likelihood.add(word, f64::from(nll));
            }
        }
        likelihood
    }
}
