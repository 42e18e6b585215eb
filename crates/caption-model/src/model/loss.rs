use burn::tensor::{Int, Tensor, activation};

/// Negative log-likelihood of the target words, summed, in nats.
///
/// Summed and not averaged, so that counts add up over batches before anything is divided.
///
/// # Shapes
///
/// - `logits`: `[positions, num_words]`, padded positions left out
/// - `targets`: `[positions]`
/// - returned: `[1]`
///
/// # Panics
///
/// Panics if the numbers of positions differ.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let nll = caption_model::nll(Tensor::zeros([2, 8], &device), Tensor::from_ints([3, 5], &device));
/// assert!((nll.into_scalar::<f32>() - 2.0 * 8f32.ln()).abs() < 1e-6);
/// ```
pub fn nll(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let [positions, _] = logits.dims();
    activation::log_softmax(logits, 1)
        .gather(1, targets.reshape([positions, 1]))
        .sum()
        .neg()
}

/// The doubly stochastic regulariser of Show, Attend and Tell (equation 14): the mean over pictures and locations of
/// `(1 − Σ_t α_ti)²`, which asks the model to look everywhere about equally often.
///
/// # Shapes
///
/// - `weights`: `[batch, time, locations]`
/// - `live`: `[batch, time]`, 1 where the target is a word or `<eos>`, 0 where it is padding
/// - returned: `[1]`
///
/// # Panics
///
/// Panics if the shapes do not fit.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let uniform = Tensor::full([1, 4, 4], 0.25, &device); // four words, each place weighed 1 in all
/// let regulariser = caption_model::doubly_stochastic(uniform, Tensor::ones([1, 4], &device));
/// assert_eq!(regulariser.into_scalar::<f32>(), 0.0);
/// ```
pub fn doubly_stochastic(weights: Tensor<3>, live: Tensor<2>) -> Tensor<1> {
    let looked = (weights * live.unsqueeze_dim(2)).sum_dim(1);
    (looked.neg() + 1.0).square().mean()
}
