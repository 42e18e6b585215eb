//! The same in plain tensor operations, for any device.

use burn::{
    nn::Linear,
    tensor::{FloatDType, Int, Tensor, activation},
};

use super::loss::CrossEntropy;

pub(super) fn cross_entropy(
    input: Tensor<2>,
    layer: &Linear,
    targets: Tensor<1, Int>,
    smoothing: f64,
) -> CrossEntropy {
    let [rows, _] = input.dims();
    let logits = layer.forward(input).cast(FloatDType::F32); // the normaliser sums thousands of them
    let log_likelihoods = activation::log_softmax(logits, 1);
    let nll = log_likelihoods
        .clone()
        .gather(1, targets.reshape([rows, 1]))
        .squeeze_dim::<1>(1)
        .neg();
    let loss = if smoothing > 0.0 {
        let spread = log_likelihoods.mean_dim(1).squeeze_dim::<1>(1).neg();
        nll.clone().mul_scalar(1.0 - smoothing) + spread.mul_scalar(smoothing)
    } else {
        nll.clone()
    };
    CrossEntropy {
        loss,
        nll: nll.detach(),
    }
}
