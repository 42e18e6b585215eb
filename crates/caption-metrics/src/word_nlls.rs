use super::pairs::Pairs;

/// What each word of each comment costs under some model, nats; the last one of a comment is its `<eos>`.
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
    /// Adds a comment.
    pub fn push(&mut self, nlls: impl IntoIterator<Item = f32>) {
        self.values.extend(nlls);
        self.ends.push(self.values.len());
    }

    /// Number of comments.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no comment.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// What the words of comment `index` cost.
    ///
    /// # Panics
    ///
    /// Panics if there is no such comment.
    pub fn get(&self, index: usize) -> &[f32] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start..self.ends[index]]
    }

    /// What comment `index` costs in all, `<eos>` included.
    ///
    /// # Panics
    ///
    /// Panics if there is no such comment.
    pub fn comment(&self, index: usize) -> f64 {
        self.get(index).iter().copied().map(f64::from).sum()
    }

    /// The costs of the targets of `pairs`, given batch after batch: a batch is indices of pairs and
    /// what their targets cost, comment after comment. Targets that no batch has cost NaN.
    ///
    /// # Errors
    ///
    /// The first error of `batches`.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    pub fn of_batches<E>(
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
