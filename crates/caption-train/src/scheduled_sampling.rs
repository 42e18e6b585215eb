//! Scheduled sampling: Bengio, Vinyals, Jaitly, Shazeer, "Scheduled sampling for sequence
//! prediction with recurrent neural networks" (NeurIPS 2015), in the two-pass form that needs no
//! loop over words: Mihaylova, Martins, "Scheduled sampling for transformers" (ACL 2019 student
//! research workshop).

use burn::{
    module::Module,
    tensor::{IndexingUpdateOp, Int, Tensor, TensorData},
};

use caption_model::{Batch, Network};

/// Positions whose logits are held at once: 30,000 words of 512 positions are 61 MB.
const POSITIONS: usize = 512;

/// Probability that a word is read as the model's own in `epoch`, from 1: 0 in the first, then
/// linearly up to `most` after `epochs` more.
pub(super) fn own_words_probability(most: f64, epochs: usize, epoch: usize) -> f64 {
    let grown = epoch.saturating_sub(1) as f64 / epochs.max(1) as f64;
    most * grown.min(1.0)
}

/// Replaces the words read at `positions` of `[batch * time]` by what the model itself finds most
/// probable there after the real words before. The first pass reads the real words, carries no
/// gradient and has no dropout.
///
/// # Panics
///
/// Panics if a position is the first of its comment or lies outside.
pub(super) fn read_own_words(network: &Network, batch: &mut Batch, positions: &[i64]) {
    if positions.is_empty() {
        return;
    }
    let device = batch.words.device();
    let network = network.valid();
    let (features, words) = if device.is_autodiff() {
        (batch.features.clone().inner(), batch.words.clone().inner())
    } else {
        (batch.features.clone(), batch.words.clone())
    };
    let plain = words.device();
    let [size, time] = words.dims();
    let (pre_logits, _) = network.forward(features, words.clone());
    let [_, _, d] = pre_logits.dims();
    let pre_logits = pre_logits.reshape([size * time, d]);
    let own: Vec<Tensor<1, Int>> = positions
        .chunks(POSITIONS)
        .map(|chunk| {
            let before: Vec<i64> = chunk.iter().map(|position| position - 1).collect();
            let before = Tensor::from_data(TensorData::new(before, [chunk.len()]), &plain);
            let logits = network.logits(pre_logits.clone().select(0, before));
            logits.argmax(1).squeeze_dim(1)
        })
        .collect();
    let own = Tensor::cat(own, 0);
    let count = positions.len();
    let places: Tensor<1, Int> =
        Tensor::from_data(TensorData::new(positions.to_vec(), [count]), &plain);
    let words = words.reshape([size * time]);
    let change = own - words.clone().select(0, places.clone());
    let mixed = words
        .select_assign(0, places, change, IndexingUpdateOp::Add)
        .reshape([size, time]);
    batch.words = if device.is_autodiff() {
        Tensor::from_inner(mixed)
    } else {
        mixed
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{module::Param, tensor::Device};

    use caption_metrics::Pairs;
    use caption_model::{CaptionerNetwork, GlobalCaptionerConfig, NetworkConfig};

    #[test]
    fn the_probability_grows_from_nothing() {
        let at = |epoch| own_words_probability(0.4, 4, epoch);
        let found: Vec<f64> = [1, 2, 3, 5, 9].map(at).to_vec();
        for (found, expected) in found.iter().zip([0.0, 0.1, 0.2, 0.4, 0.4]) {
            assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
        }
    }

    /// A model whose word layer is 0 but for a bias of word 5 always says 5: the second word of the
    /// first comment and the only one of the second become it; `<bos>`, the others, and what is to
    /// be predicted stay.
    #[test]
    fn drawn_words_become_the_models_own() {
        let device = Device::flex().autodiff();
        let network = NetworkConfig::from(GlobalCaptionerConfig::new(8, 2)).init(&device);
        let CaptionerNetwork::Global(mut model) = network.captioner else {
            unreachable!("it was made so");
        };
        model.out.weight = model
            .out
            .weight
            .map(|weight| weight.mul_scalar(0.0).detach());
        model.out.bias = Some(Param::from_tensor(Tensor::from_floats(
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            &device,
        )));
        let network = Network::from(CaptionerNetwork::Global(model));
        let mut pairs = Pairs::new(30);
        pairs.push(0, &[6, 7, 6]);
        pairs.push(0, &[4]);
        let features = Tensor::ones([2, 1, 2], &device);
        let mut batch = Batch::new(&pairs, &[0, 1], features);
        let targets = batch.targets.clone().into_data();
        read_own_words(&network, &mut batch, &[2, 5]);
        let words = batch.words.clone().into_data().convert::<i64>();
        let words = words.try_into_vec::<i64>().unwrap();
        assert_eq!(words, [1, 6, 5, 6, 1, 5, 0, 0]);
        assert_eq!(batch.targets.into_data(), targets);
    }
}
