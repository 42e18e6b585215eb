use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use caption_metrics::GroundTruth;
use caption_model::{load_features, to_host};
use jp_tokenize::BOS;

use super::probe::Probe;
use crate::error::Error;

/// Pictures whose locations go through the network together, at most.
const PICTURES: usize = 16;
/// Numbers of the words of all locations that are held at a time, unless one picture has more.
const NUMBERS: usize = 1 << 25;

/// Which locations made the network write a name as its first word:
/// `p(i | name) ∝ α_i · p(name | aᵢ)`.
///
/// Xu et al. (2015, section 4.1) treat the location `i` as a hidden variable with the probability
/// `α_i`. The map with which a first word is written cannot differ between words, since it is drawn
/// before them; its posterior given the word does. `p(name | aᵢ)` is what the network writes where
/// the whole picture is location `i`; the posterior is exact where the first state is blind, and
/// otherwise takes the first state from that location too.
#[derive(Debug, Default)]
pub(crate) struct Posteriors(BTreeMap<usize, Vec<Vec<f32>>>);

impl Posteriors {
    /// Of some rows, for everybody; `None` for a network without attention.
    pub(crate) fn of(
        probe: &Probe<'_>,
        rows: impl IntoIterator<Item = usize>,
        truth: &GroundTruth,
    ) -> Result<Option<Self>, Error> {
        let (network, device) = (probe.network, probe.device);
        let mut rows: Vec<usize> = rows.into_iter().collect();
        rows.sort_unstable();
        rows.dedup();
        let mut maps = BTreeMap::new();
        let [_, locations, _] = probe.source.shape_of(1);
        let of_picture = locations.saturating_mul(network.num_words()).max(1);
        for rows in rows.chunks((NUMBERS / of_picture).clamp(1, PICTURES)) {
            let features = load_features(probe.source, rows, device)?;
            let [_, locations, d] = features.dims();
            let (_, Some(attention)) = network.forward(features.clone(), begin(rows.len(), device))
            else {
                return Ok(None);
            };
            let prior = to_host(attention.weights)?;
            let single = features.reshape([rows.len() * locations, 1, d]);
            let (pre_logits, _) = network.forward(single, begin(rows.len() * locations, device));
            let words = activation::log_softmax(network.logits(pre_logits.squeeze_dim(1)), 1).exp();
            let [_, num_words] = words.dims();
            let words = to_host(words)?;
            for (at, &row) in rows.iter().enumerate() {
                let prior = &prior[at * locations..][..locations];
                let words = &words[at * locations * num_words..][..locations * num_words];
                let of = |who| posterior(prior, words, num_words, truth.names(who));
                maps.insert(row, (0..truth.len()).map(of).collect());
            }
        }
        Ok(Some(Self(maps)))
    }

    /// The map of a row for a character.
    pub(crate) fn get(&self, row: usize, character: usize) -> Option<&[f32]> {
        Some(self.0.get(&row)?.get(character)?)
    }
}

fn begin(pictures: usize, device: &Device) -> Tensor<2, Int> {
    let words = vec![i64::from(BOS); pictures];
    Tensor::from_data(TensorData::new(words, [pictures, 1]), device)
}

/// Bayes' rule over the locations; `words` are each location's probabilities, and a character has
/// any of `names`.
fn posterior(prior: &[f32], words: &[f32], num_words: usize, names: &[u32]) -> Vec<f32> {
    let named = |words: &[f32]| -> f32 {
        let of = |&name: &u32| words.get(name as usize).copied().unwrap_or(0.0);
        names.iter().map(of).sum()
    };
    let joint = prior.iter().zip(words.chunks_exact(num_words));
    let joint: Vec<f32> = joint.map(|(prior, words)| prior * named(words)).collect();
    let all: f32 = joint.iter().sum();
    joint
        .iter()
        .map(|one| one / all.max(f32::MIN_POSITIVE))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two locations, looked at with 3/4 and 1/4; word 1 is written from the first with 0.1 and
    /// from the second with 0.9. Its posterior is 0.075 to 0.225, a quarter and three quarters.
    #[test]
    fn posterior_of_known_probabilities() {
        let map = posterior(&[0.75, 0.25], &[0.9, 0.1, 0.1, 0.9], 2, &[1]);
        assert!(
            (map[0] - 0.25).abs() < 1e-6 && (map[1] - 0.75).abs() < 1e-6,
            "{map:?}"
        );
        assert_eq!(posterior(&[1.0], &[0.5, 0.5], 2, &[]), [0.0]);
    }
}
