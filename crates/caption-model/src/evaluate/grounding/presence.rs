use burn::tensor::{Device, Tensor, TensorData, activation};
use frame_features::FeatureStore;
use jp_tokenize::BOS;
use serde::{Deserialize, Serialize};

use super::truth::GroundTruth;
use crate::{data::load_features, error::Error, model::Network};

/// How well a name's probability tells in which frames its character is.
///
/// ```
/// use caption_model::evaluate::average_precision;
///
/// // The first and the third of three ranked frames show her: (1/1 + 2/3) / 2.
/// let ap = average_precision(&[0.9, 0.5, 0.1], &[true, false, true]);
/// assert!((ap - 5.0 / 6.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamePresence {
    /// Who.
    pub id: String,
    /// Frames with the character.
    pub present: usize,
    /// Average precision of the frames ranked by log p(name | frame) − log p(name), where the comment begins with the name.
    pub average_precision: f64,
    /// Baseline: the share of frames with the character, what a random order scores.
    pub share: f64,
}

/// The mean of the precisions at each true one, in the order of the scores, highest first; 0 without any.
///
/// Equal scores are one rank: their precision is that of all of them together, so no order among them is better than another.
///
/// # Panics
///
/// Panics if the slices differ in length.
pub fn average_precision(scores: &[f64], truth: &[bool]) -> f64 {
    assert_eq!(scores.len(), truth.len(), "a truth for each score");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut seen, mut found, mut sum) = (0, 0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let new = tied.iter().filter(|&&index| truth[index]).count();
        seen += tied.len();
        found += new;
        sum += new as f64 * found as f64 / seen as f64;
    }
    sum / found.max(1) as f64
}

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
        let probabilities = activation::log_softmax(network.logits(step.deep), 1).exp();
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
    let name = |(who, scores): (usize, Vec<f64>)| {
        let there: Vec<bool> = rows
            .iter()
            .map(|&row| truth.region(row, who).is_some())
            .collect();
        let present = there.iter().filter(|&&there| there).count();
        NamePresence {
            id: truth.id(who).to_owned(),
            present,
            average_precision: average_precision(&scores, &there),
            share: present as f64 / rows.len().max(1) as f64,
        }
    };
    Ok(scores.into_iter().enumerate().map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All equal: three frames of four at one rank, precision 3/4 for each. Worst order of one in four: 1/4.
    #[test]
    fn precisions_of_known_orders() {
        let ap = average_precision(&[1.0; 4], &[true, true, false, true]);
        assert!((ap - 0.75).abs() < 1e-12);
        let last = average_precision(&[4.0, 3.0, 2.0, 1.0], &[false, false, false, true]);
        assert!((last - 0.25).abs() < 1e-12);
        assert_eq!(average_precision(&[1.0, 0.0], &[true, false]), 1.0);
        assert_eq!(average_precision(&[1.0], &[false]), 0.0);
    }
}
