//! Negative log-likelihoods of words under a network, teacher forced.

use burn::tensor::Device;
use caption_metrics::{Pairs, WordNlls};
use frame_features::FeatureSource;

use crate::{
    batch::{Batch, as_int, ints, load_features},
    error::{Error, check_batch_size},
    host::to_host,
    model::Network,
};

/// Negative log-likelihood of each target of `pairs` under a network, teacher forced; `done` is
/// told how many pairs are done.
///
/// Comments of equal length are measured together, so next to nothing is padding; among them those
/// of a frame stand together if they do in `pairs`.
///
/// # Errors
///
/// Fails if the batch size is 0 and if a row cannot be read.
pub(crate) fn word_nlls(
    network: &Network,
    pairs: &Pairs,
    source: &dyn FeatureSource,
    batch_size: usize,
    device: &Device,
    mut done: impl FnMut(usize),
) -> Result<WordNlls, Error> {
    check_batch_size(batch_size)?;
    let mut measured = 0;
    let batches = pairs.batches_by_length(batch_size).into_iter();
    WordNlls::from_batches(
        pairs,
        batches.map(|indices| {
            let nlls = shared_word_nlls(network, pairs, &indices, source, device)?;
            measured += indices.len();
            done(measured);
            Ok((indices, nlls))
        }),
    )
}

/// Negative log-likelihoods of the counted targets of a batch, comment after comment.
///
/// # Errors
///
/// Fails if the device does.
pub fn batch_nlls(network: &Network, batch: Batch) -> Result<Vec<f32>, Error> {
    let (pre_logits, _) = network.forward(batch.features, batch.words);
    to_host(
        network
            .target_loss(pre_logits, batch.positions, batch.targets, 0.0)
            .nll,
    )
}

/// The same of the pairs with these indices; what a network makes of a picture alone is computed
/// once for all comments on it.
fn shared_word_nlls(
    network: &Network,
    pairs: &Pairs,
    indices: &[usize],
    source: &dyn FeatureSource,
    device: &Device,
) -> Result<Vec<f32>, Error> {
    let of: Vec<usize> = indices.iter().map(|&index| pairs.get(index).row).collect();
    let mut rows = of.clone();
    rows.sort_unstable();
    rows.dedup();
    let place = |row: &usize| as_int(rows.partition_point(|other| other < row));
    let picture_of = ints(of.iter().map(place).collect(), device);
    let batch = Batch::new(pairs, indices, load_features(source, &rows, device)?);
    let (pre_logits, _) = network.forward_gathered(batch.features, picture_of, batch.words);
    to_host(
        network
            .target_loss(pre_logits, batch.positions, batch.targets, 0.0)
            .nll,
    )
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
            let logs = log_softmax(network.logits(step.pre_logits), 1).into_data();
            nlls.push(-logs.try_to_vec::<f32>().unwrap()[word as usize]);
            (before, state) = (word, step.state);
        }
        nlls
    }

    /// In the order of the pairs, whatever the batches, each word costs what the network says step
    /// by step.
    #[test]
    fn words_cost_what_they_cost_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let device = Device::flex();
        let networks = [
            NetworkConfig::from(GlobalCaptionerConfig::new(9, 2)).init(&device),
            NetworkConfig::from(AttentionCaptionerConfig::new(9, 2)).init(&device),
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
                word_nlls(network, &pairs, &store, batch_size, &device, |n| *done = n)
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
