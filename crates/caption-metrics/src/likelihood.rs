use jp_tokenize::UNK;

use super::{pairs::Pairs, word_nlls::WordNlls};

/// Negative log-likelihood of words, summed with its counts, so that sums of parts add up.
///
/// ```
/// use caption_metrics::Likelihood;
///
/// let mut likelihood = Likelihood::default();
/// likelihood.add(4, 8f64.ln()); // word 4 had probability 1/8
/// likelihood.add(caption_metrics::UNK, 2f64.ln());
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
    /// Counts a word that cost `nll` nats.
    pub fn add(&mut self, word: u32, nll: f64) {
        self.nll += nll;
        self.targets += 1;
        if word == UNK {
            self.unknown_nll += nll;
            self.unknown += 1;
        }
    }

    /// Mean negative log-likelihood of a word, nats; `<eos>` counts as a word, padding does not.
    pub fn nll(&self) -> f64 {
        self.nll / self.targets.max(1) as f64
    }

    /// Perplexity per word: `exp` of [`nll`](Self::nll).
    pub fn perplexity(&self) -> f64 {
        self.nll().exp()
    }

    /// Perplexity per word over the words that are not `<unk>`.
    pub fn perplexity_known(&self) -> f64 {
        let known = self.targets - self.unknown;
        ((self.nll - self.unknown_nll) / known.max(1) as f64).exp()
    }

    /// Number of words measured.
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Sums what the words of pairs cost.
    ///
    /// # Panics
    ///
    /// Panics if `nlls` are not those of `pairs`.
    pub fn of(pairs: &Pairs, nlls: &WordNlls) -> Self {
        assert_eq!(pairs.len(), nlls.len(), "what each pair costs");
        let mut likelihood = Self::default();
        for (index, pair) in pairs.iter().enumerate() {
            for (word, &nll) in pair.targets().zip(nlls.get(index)) {
                likelihood.add(word, f64::from(nll));
            }
        }
        likelihood
    }
}
