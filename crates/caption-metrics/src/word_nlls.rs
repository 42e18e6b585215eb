use crate::pairs::Pairs;

/// Negative log-likelihood per word, nats: of each word of each comment under some model. The last
/// one of a comment is its `<eos>`'s.
///
/// ```
/// use caption_metrics::WordNlls;
///
/// let mut nlls = WordNlls::default();
/// nlls.push([1.5, 0.5]); // a comment of one word
/// assert_eq!((nlls.len(), nlls.get(0), nlls.comment(0)), (1, &[1.5, 0.5][..], 2.0));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordNlls {
    values: Vec<f32>,
    ends: Vec<usize>,
}

impl WordNlls {
    /// Adds a comment by the negative log-likelihoods of its words and of its `<eos>`.
    pub fn push(&mut self, nlls: impl IntoIterator<Item = f32>) {
        self.values.extend(nlls);
        self.ends.push(self.values.len());
    }

    /// Number of comments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no comment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Negative log-likelihoods of the words of comment `index`, that of its `<eos>` last.
    ///
    /// # Panics
    ///
    /// Panics if there is no such comment.
    #[must_use]
    pub fn get(&self, index: usize) -> &[f32] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[index]]
    }

    /// Negative log-likelihood of comment `index` as a whole, `<eos>` included.
    ///
    /// # Panics
    ///
    /// Panics if there is no such comment.
    #[must_use]
    pub fn comment(&self, index: usize) -> f64 {
        self.get(index).iter().copied().map(f64::from).sum()
    }

    /// Gathers the negative log-likelihoods of `pairs` from batches in any order: a batch is
    /// indices of pairs and the values of their targets, comment after comment. Targets that no
    /// batch has are NaN.
    ///
    /// # Errors
    ///
    /// The first error of `batches`.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    pub fn from_batches<E>(
        pairs: &Pairs,
        batches: impl IntoIterator<Item = Result<(Vec<usize>, Vec<f32>), E>>,
    ) -> Result<Self, E> {
        let mut ends = Vec::with_capacity(pairs.len());
        let mut end = 0;
        for pair in pairs.iter() {
            end += pair.words.len() + 1;
            ends.push(end);
        }
        let mut values = vec![f32::NAN; end];
        for batch in batches {
            let (indices, nlls) = batch?;
            let mut nlls = nlls.into_iter();
            for &index in &indices {
                let end: usize = ends[index];
                for value in &mut values[end - pairs.get(index).words.len() - 1..end] {
                    *value = nlls.next().unwrap_or(f32::NAN);
                }
            }
        }
        Ok(Self { values, ends })
    }
}
