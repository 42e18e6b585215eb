use burn::tensor::Device;
use frame_features::FeatureStore;

use super::likelihood::word_nlls;
use crate::{
    data::{Batch, Pairs, plan_in_order},
    error::Error,
    model::Network,
};

/// What each word of each comment costs under some model, nats; the last one of a comment is its `<eos>`.
///
/// ```
/// use caption_model::evaluate::WordNlls;
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

    /// Measures a network on pairs, teacher forced, in the order of the pairs; `done` is told how many are done.
    ///
    /// Comments of equal length are measured together, so next to nothing is padding; among them those of a frame stand together if
    /// they do in `pairs`.
    ///
    /// # Errors
    ///
    /// Fails when a row cannot be read from the store.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the network computed in f32"
    )]
    pub(crate) fn measure(
        network: &Network,
        pairs: &Pairs,
        store: &FeatureStore,
        batch_size: usize,
        device: &Device,
        mut done: impl FnMut(usize),
    ) -> Result<Self, Error> {
        let mut ends = Vec::with_capacity(pairs.len());
        let mut end = 0;
        for pair in pairs.iter() {
            end += pair.words.len() + 1;
            ends.push(end);
        }
        let mut values = vec![0f32; end];
        let mut measured = 0;
        for indices in plan_in_order(pairs, batch_size) {
            let batch = Batch::load(pairs, &indices, store, device)?;
            let mut nlls = word_nlls(network, &batch)?.into_iter();
            for &index in &indices {
                let end: usize = ends[index];
                for value in &mut values[end - pairs.get(index).words.len() - 1..end] {
                    *value = nlls.next().map_or(f32::NAN, |(_, nll)| nll as f32);
                }
            }
            measured += indices.len();
            done(measured);
        }
        Ok(Self { values, ends })
    }
}
