use burn::tensor::{Device, Tensor, TensorData, activation};
use frame_features::FeatureStore;
use jp_tokenize::BOS;
use serde::{Deserialize, Serialize};

use super::truth::GroundTruth;
use crate::{data::load_features, error::Error, model::Network};

/// Ranks `rows` by the probability of each character's names as the first word and compares that with who is there.
///
/// log p(name) is the same for all frames and does not change their order, so it is left out.
///
/// # Errors
///
/// Fails if a row cannot be read from the store.
pub fn presence(
    network: &Network,
    rows: &[usize],
    store: &FeatureStore,
    truth: &GroundTruth,
    batch_size: usize,
    device: &Device,
) -> Result<Vec<NamePresence>, Error> {
    let mut scores = vec![Vec::with_capacity(rows.len()); truth.len()];
    for rows in rows.chunks(batch_size.max(1)) {
        let features = load_features(store, rows, device)?;
        let first = Tensor::from_data(
            TensorData::new(vec![i64::from(BOS); rows.len()], [rows.len()]),
            device,
        );
        let step = network.step(first, network.start(features));
        let probabilities = activation::log_softmax(network.logits(step.pre_logits), 1).exp();
        let [_, num_words] = probabilities.dims();
        let probabilities = probabilities
            .into_data()
            .convert::<f32>()
            .try_into_vec::<f32>()
            .map_err(|error| Error::Device(format!("{error:?}")))?;
        for frame in probabilities.chunks_exact(num_words) {
            for (who, scores) in scores.iter_mut().enumerate() {
                let of = |&name: &u32| frame.get(name as usize).copied().map_or(0.0, f64::from);
                scores.push(truth.names(who).iter().map(of).sum());
            }
        }
    }
    Ok(metrics::presence(&scores, rows, truth))
}
