/// How comments are written: the original experiment's rule.
///
/// The first word is drawn from the model's distribution over words that are no symbols; from the second word on the
/// most probable word other than the unknown word is taken, until `<eos>`.
///
/// ```
/// use caption_model::GenerateOptions;
///
/// let options = GenerateOptions::default().seed(7).max_words(12);
/// assert_eq!(options.batch_size, 256);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GenerateOptions {
    /// Most words of a comment. Default: 30.
    pub max_words: usize,
    /// Comments written at once. Default: 256.
    pub batch_size: usize,
    /// Seed of the first words. The same seed draws the same, whatever the batch size. Default: 1.
    pub seed: u64,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            max_words: 30,
            batch_size: 256,
            seed: 1,
        }
    }
}

impl GenerateOptions {
    /// Sets [`max_words`](Self::max_words), at least one.
    #[must_use]
    pub fn max_words(mut self, words: usize) -> Self {
        self.max_words = words.max(1);
        self
    }

    /// Sets [`batch_size`](Self::batch_size), at least one.
    #[must_use]
    pub fn batch_size(mut self, comments: usize) -> Self {
        self.batch_size = comments.max(1);
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
