#[cfg(any(test, feature = "kernels"))]
mod chunked;
#[cfg(feature = "flex")]
mod flex;

use burn::{
    nn::Linear,
    tensor::{FloatDType, Int, Tensor, activation},
};

/// What the words of a batch cost, each one for itself.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
/// use burn_fused::linear_cross_entropy;
///
/// let device = Device::flex();
/// let layer = LinearConfig::new(4, 8).with_bias(false).init(&device);
/// let words = Tensor::from_ints([3, 5], &device);
/// let cost = linear_cross_entropy(Tensor::zeros([2, 4], &device), &layer, words, 0.0);
/// assert!((cost.nll.sum().into_scalar::<f32>() - 2.0 * 8f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct WordLoss {
    /// What is to be made small, `[positions]`: the cross entropy with smoothed labels, nats.
    pub loss: Tensor<1>,
    /// Negative log-likelihood of the target words, `[positions]`, nats. Carries no gradient.
    pub nll: Tensor<1>,
}

/// The word layer and its cross entropy in one.
///
/// On the CPU logits and their gradients are there for some hundreds of positions at a time, never for a whole batch: the
/// gradients of all positions' losses are computed with the losses, and scaled when the backward pass tells by what.
/// If it then has another factor for each position, they are computed once more. On a GPU logits are there for 256 MiB at a time and
/// computed once more in the backward pass.
///
/// With label smoothing ε (Szegedy et al. 2016, section 7) the target is the word with weight `1 − ε` and every word of
/// the vocabulary with weight `ε / num_words`.
///
/// # Shapes
///
/// - `deep`: `[positions, d]`, padded positions left out
/// - `layer`: `d` to `num_words`
/// - `targets`: `[positions]`
///
/// # Panics
///
/// Panics if the shapes do not fit.
pub fn linear_cross_entropy(
    deep: Tensor<2>,
    layer: &Linear,
    targets: Tensor<1, Int>,
    smoothing: f64,
) -> WordLoss {
    let ([positions, d], [d_layer, _]) = (deep.dims(), layer.weight.dims());
    assert_eq!(
        d, d_layer,
        "the word layer reads vectors of {d_layer} numbers"
    );
    assert_eq!(targets.dims(), [positions], "a target for each position");
    #[cfg(feature = "flex")]
    if let Some(cost) = flex::word_loss(&deep, layer, &targets, smoothing) {
        return cost;
    }
    #[cfg(feature = "kernels")]
    if let Some(cost) = chunked::word_loss::<burn::backend::Cube>(&deep, layer, &targets, smoothing)
    {
        return cost;
    }
    plain(deep, layer, targets, smoothing)
}

/// The same in plain tensor operations, for any device.
fn plain(deep: Tensor<2>, layer: &Linear, targets: Tensor<1, Int>, smoothing: f64) -> WordLoss {
    let [positions, _] = deep.dims();
    let logits = layer.forward(deep).cast(FloatDType::F32); // the normaliser sums thousands of them
    let log_likelihoods = activation::log_softmax(logits, 1);
    let nll = log_likelihoods
        .clone()
        .gather(1, targets.reshape([positions, 1]))
        .squeeze_dim::<1>(1)
        .neg();
    let loss = if smoothing > 0.0 {
        let spread = log_likelihoods.mean_dim(1).squeeze_dim::<1>(1).neg();
        nll.clone().mul_scalar(1.0 - smoothing) + spread.mul_scalar(smoothing)
    } else {
        nll.clone()
    };
    WordLoss {
        loss,
        nll: nll.detach(),
    }
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests;
