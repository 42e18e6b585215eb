use crate::error::Error;

/// Places in the texts are counted in 32 bits.
const MAX_CORPUS_CHARS: usize = 1 << 31;

/// Options of a [`SlangLearner`](crate::SlangLearner): what it takes for a word.
///
/// ```
/// use jp_tokenize::SlangOptions;
///
/// let options = SlangOptions::default().min_count(20).max_words(500);
/// assert_eq!(options.max_chars, 10);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SlangOptions {
    /// Least count of a word. A text that occurs n times counts as 1 + log2 n texts, rounded down.
    /// Default: 10.
    pub min_count: u32,
    /// Longest word, in characters, 2 to 32. Default: 10.
    pub max_chars: usize,
    /// Least branching entropy on either side, in bits. Default: 1.5.
    pub min_branching_entropy: f64,
    /// Least bits of description length that each occurrence must save over the split without the
    /// word. Default: 3.
    pub min_bits_saved: f64,
    /// Least gain on held-out texts, in standard errors of the bits saved there. `None` does not
    /// ask, for several times as many words, many of them phrases. Default: 1.
    pub min_held_out_gain: Option<f64>,
    /// Most words learnt; the best are kept. Default: no limit.
    pub max_words: Option<usize>,
    /// Most characters of distinct texts kept, at most 2^31; texts that no longer fit are not
    /// learnt from. Default: 8,388,608.
    pub max_corpus_chars: usize,
}

impl Default for SlangOptions {
    fn default() -> Self {
        Self {
            min_count: 10,
            max_chars: 10,
            min_branching_entropy: 1.5,
            min_bits_saved: 3.0,
            min_held_out_gain: Some(1.0),
            max_words: None,
            max_corpus_chars: 1 << 23,
        }
    }
}

impl SlangOptions {
    /// Sets [`min_count`](Self::min_count).
    #[must_use]
    pub fn min_count(mut self, count: u32) -> Self {
        self.min_count = count;
        self
    }

    /// Sets [`max_chars`](Self::max_chars).
    #[must_use]
    pub fn max_chars(mut self, chars: usize) -> Self {
        self.max_chars = chars;
        self
    }

    /// Sets [`min_branching_entropy`](Self::min_branching_entropy).
    #[must_use]
    pub fn min_branching_entropy(mut self, bits: f64) -> Self {
        self.min_branching_entropy = bits;
        self
    }

    /// Sets [`min_bits_saved`](Self::min_bits_saved).
    #[must_use]
    pub fn min_bits_saved(mut self, bits: f64) -> Self {
        self.min_bits_saved = bits;
        self
    }

    /// Sets [`min_held_out_gain`](Self::min_held_out_gain).
    #[must_use]
    pub fn min_held_out_gain(mut self, standard_errors: impl Into<Option<f64>>) -> Self {
        self.min_held_out_gain = standard_errors.into();
        self
    }

    /// Sets [`max_words`](Self::max_words).
    #[must_use]
    pub fn max_words(mut self, words: impl Into<Option<usize>>) -> Self {
        self.max_words = words.into();
        self
    }

    /// Sets [`max_corpus_chars`](Self::max_corpus_chars).
    #[must_use]
    pub fn max_corpus_chars(mut self, chars: usize) -> Self {
        self.max_corpus_chars = chars;
        self
    }

    /// Refuses what is out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (option, value, least, most) in [
            ("max_chars", self.max_chars, 2, 32),
            (
                "max_corpus_chars",
                self.max_corpus_chars,
                0,
                MAX_CORPUS_CHARS,
            ),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::OutOfRange {
                    option,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }
}
