/// What a [`SlangLearner`](crate::SlangLearner) takes for a word.
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
    /// Least count of a word. A text that occurs n times counts as 1 + log2 n texts, rounded down. Default: 10.
    pub min_count: u32,
    /// Longest word, in characters, 2 to 32. Default: 10.
    pub max_chars: usize,
    /// Least branching entropy on either side, in bits. Default: 1.5.
    pub min_branching: f64,
    /// Least bits that each occurrence must save over the split without the word. Default: 3.
    pub min_saving: f64,
    /// How sure it must be that a word helps to foretell texts that it was not learnt from: in standard errors of the bits
    /// saved there. `None` leaves the question out, for several times as many words, many of them phrases. Default: 1.
    pub min_foresight: Option<f64>,
    /// Most words learnt; the best are kept. Default: no limit.
    pub max_words: Option<usize>,
    /// Most characters of distinct texts kept; texts that no longer fit are not learnt from. Default: 8,388,608.
    pub max_corpus_chars: usize,
}

impl Default for SlangOptions {
    fn default() -> Self {
        Self {
            min_count: 10,
            max_chars: 10,
            min_branching: 1.5,
            min_saving: 3.0,
            min_foresight: Some(1.0),
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

    /// Sets [`min_branching`](Self::min_branching).
    #[must_use]
    pub fn min_branching(mut self, bits: f64) -> Self {
        self.min_branching = bits;
        self
    }

    /// Sets [`min_saving`](Self::min_saving).
    #[must_use]
    pub fn min_saving(mut self, bits: f64) -> Self {
        self.min_saving = bits;
        self
    }

    /// Sets [`min_foresight`](Self::min_foresight).
    #[must_use]
    pub fn min_foresight(mut self, standard_errors: impl Into<Option<f64>>) -> Self {
        self.min_foresight = standard_errors.into();
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

    /// The longest word, within what is sensible.
    pub(super) fn longest(&self) -> usize {
        self.max_chars.clamp(2, 32)
    }
}
