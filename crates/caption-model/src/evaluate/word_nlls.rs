use burn::tensor::Device;
use frame_features::FeatureSource;

use super::likelihood::shared_word_nlls;
use crate::{
    data::{Pairs, plan_in_order},
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
    pub(crate) fn measure(
        network: &Network,
        pairs: &Pairs,
        store: &dyn FeatureSource,
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
            let mut nlls = shared_word_nlls(network, pairs, &indices, store, device)?.into_iter();
            for &index in &indices {
                let end: usize = ends[index];
                for value in &mut values[end - pairs.get(index).words.len() - 1..end] {
                    *value = nlls.next().unwrap_or(f32::NAN);
                }
            }
            measured += indices.len();
            done(measured);
        }
        Ok(Self { values, ends })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Tensor, activation::log_softmax};
    use frame_features::{
        EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd,
        VideoSource,
    };
    use jp_tokenize::{BOS, EOS};

    use super::*;
    use crate::model::{AttentionCaptionerConfig, GlobalCaptionerConfig, NetworkConfig};

    const ROWS: usize = 6;

    /// Row `i` is `i` and `1 − i`.
    fn store(folder: &std::path::Path) -> FeatureStore {
        let encoder = EncoderId::new("numbers", "0".repeat(64), Layer::Relu7, 224);
        let video = VideoSource {
            path: "none.mp4".into(),
            bytes: 0,
            sha256: "1".repeat(64),
        };
        let plan = StorePlan::new(encoder, [2], video).block_rows(4);
        let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
        for row in 0..ROWS {
            let features = [row as f32, 1.0 - row as f32];
            writer.push(row, row as f64, &features).unwrap();
        }
        let end = VideoEnd::new(ROWS, Rational::new(1, 1), ROWS as f64);
        writer.finish(end).unwrap();
        FeatureStore::open(folder).unwrap()
    }

    /// What a comment costs word by word, one step of the network after the other.
    fn stepped(network: &Network, store: &FeatureStore, row: usize, words: &[u32]) -> Vec<f32> {
        let device = Device::flex();
        let mut features = Vec::new();
        store.read_rows(&[row], &mut features).unwrap();
        let features = Tensor::<1>::from_floats(features.as_slice(), &device);
        let mut state = network.start(features.reshape([1, 1, 2]));
        let mut before = BOS;
        let mut nlls = Vec::new();
        for word in words.iter().copied().chain([EOS]) {
            let step = network.step(Tensor::from_ints([i64::from(before)], &device), state);
            let logs = log_softmax(network.logits(step.deep), 1).into_data();
            nlls.push(-logs.try_to_vec::<f32>().unwrap()[word as usize]);
            (before, state) = (word, step.state);
        }
        nlls
    }

    /// In the order of the pairs, whatever the batches, each word costs what the network says step by step.
    #[test]
    fn words_cost_what_they_cost_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let device = Device::flex();
        let networks = [
            NetworkConfig::Global(GlobalCaptionerConfig::new(9, 2)).init(&device),
            NetworkConfig::Attention(AttentionCaptionerConfig::new(9, 2)).init(&device),
        ];
        let mut pairs = Pairs::new(30);
        for (row, words) in [
            (5, &[4, 5, 6][..]),
            (0, &[7]),
            (2, &[8, 3]),
            (1, &[4, 4, 4]),
            (5, &[6, 6, 4]), // another comment on the same picture
            (2, &[7]),
        ] {
            pairs.push(row, words);
        }
        for (network, batch_size) in networks
            .iter()
            .flat_map(|one| [1, 3, 8].map(|size| (one, size)))
        {
            let mut done = 0;
            let measure = |network: &Network, done: &mut usize| {
                WordNlls::measure(network, &pairs, &store, batch_size, &device, |n| *done = n)
            };
            let nlls = measure(network, &mut done).unwrap();
            assert_eq!((nlls.len(), done), (6, 6));
            for (index, pair) in pairs.iter().enumerate() {
                let expected = stepped(network, &store, pair.row, pair.words);
                assert_eq!(nlls.get(index).len(), expected.len());
                for (found, expected) in nlls.get(index).iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-5, "{found} {expected}");
                }
            }
        }
    }
}
