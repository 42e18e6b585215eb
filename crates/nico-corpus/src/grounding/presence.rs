use burn::tensor::{Tensor, TensorData, activation};
use caption_metrics::{GroundTruth, NamePresence};
use caption_model::{load_features, to_host};
use jp_tokenize::BOS;

use super::probe::Probe;
use crate::error::Error;

/// Ranks `rows` by the probability of each character's names as the first word and compares that
/// with who is there.
///
/// log p(name) is the same for all frames and does not change their order, so it is left out.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn presence(
    probe: &Probe<'_>,
    rows: &[usize],
    truth: &GroundTruth,
) -> Result<Vec<NamePresence>, Error> {
    let (network, device) = (probe.network, probe.device);
    let mut scores = vec![Vec::with_capacity(rows.len()); truth.len()];
    for rows in rows.chunks(probe.batch_size.max(1)) {
        let features = load_features(probe.source, rows, device)?;
        let first = Tensor::from_data(
            TensorData::new(vec![i64::from(BOS); rows.len()], [rows.len()]),
            device,
        );
        let step = network.step(first, network.start(features));
        let probabilities = activation::log_softmax(network.logits(step.pre_logits), 1).exp();
        let [_, num_words] = probabilities.dims();
        let probabilities = to_host(probabilities)?;
        for frame in probabilities.chunks_exact(num_words) {
            for (who, scores) in scores.iter_mut().enumerate() {
                let of = |&name: &u32| frame.get(name as usize).copied().map_or(0.0, f64::from);
                scores.push(truth.names(who).iter().map(of).sum());
            }
        }
    }
    Ok(caption_metrics::presence(&scores, rows, truth))
}
