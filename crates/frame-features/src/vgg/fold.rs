//! Batch normalisation, merged into the convolution before it.

use burn::module::Param;
use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;

/// The convolution that gives what `convolution` followed by `norm` gives after training, so that
/// a network trained with batch normalisation is stored in the published layout without it.
///
/// With `s = γ / sqrt(variance + ε)` per channel, its weights are `s · w` and its bias is
/// `s · (b − mean) + β`: Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 2.
///
/// # Panics
///
/// Panics if the two have different numbers of channels.
///
/// # Example
///
/// ```
/// use burn::nn::BatchNormConfig;
/// use burn::tensor::{Device, Tensor};
/// use frame_features::{VggConfig, fold_batch_norm};
///
/// let device = Device::flex();
/// let convolution = VggConfig::slim(16).convolution(0).init(&device);
/// let norm = BatchNormConfig::new(4).init(&device); // as it begins: mean 0, variance 1
/// let folded = fold_batch_norm(&convolution, &norm);
/// let picture = Tensor::<4>::ones([1, 3, 8, 8], &device);
/// let difference = folded.forward(picture.clone()) - convolution.forward(picture);
/// assert!(difference.abs().max().into_scalar::<f32>() < 1e-3);
/// ```
#[must_use]
pub fn fold_batch_norm(convolution: &Conv2d, norm: &BatchNorm) -> Conv2d {
    let mean = norm.running_mean.value();
    let deviation = (norm.running_var.value() + norm.epsilon).sqrt();
    let scale = norm.gamma.val() / deviation;
    let [channels, ..] = convolution.weight.dims();
    let weight = convolution.weight.val() * scale.clone().reshape([channels, 1, 1, 1]);
    let bias = match &convolution.bias {
        Some(bias) => bias.val() - mean,
        None => -mean,
    };
    let mut folded = convolution.clone();
    folded.weight = Param::from_tensor(weight.detach());
    folded.bias = Some(Param::from_tensor(
        (bias * scale + norm.beta.val()).detach(),
    ));
    folded
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::module::RunningState;
    use burn::nn::BatchNormConfig;
    use burn::tensor::{Device, Distribution, Tensor};

    use super::*;
    use crate::vgg::VggConfig;

    /// The definition, written out after the convolution.
    #[test]
    fn folded_is_convolved_and_then_normalised() {
        let device = Device::flex();
        let random =
            |low, high| Tensor::<1>::random([8], Distribution::Uniform(low, high), &device);
        let convolution = VggConfig::slim(16).convolution(2).init(&device);
        let mut norm = BatchNormConfig::new(8).init(&device);
        norm.gamma = Param::from_tensor(random(-2.0, 2.0));
        norm.beta = Param::from_tensor(random(-1.0, 1.0));
        norm.running_mean = RunningState::new(random(-1.0, 1.0));
        norm.running_var = RunningState::new(random(0.1, 3.0));
        let picture = Tensor::<4>::random([2, 4, 6, 5], Distribution::Default, &device);
        let wide = |tensor: Tensor<1>| tensor.reshape([1, 8, 1, 1]);
        let centred = convolution.forward(picture.clone()) - wide(norm.running_mean.value());
        let scale = wide((norm.running_var.value() + norm.epsilon).sqrt());
        let expected = centred / scale * wide(norm.gamma.val()) + wide(norm.beta.val());
        let found = fold_batch_norm(&convolution, &norm).forward(picture);
        let largest = (found - expected).abs().max().into_scalar::<f32>();
        assert!(largest < 1e-4, "{largest}");
    }
}
