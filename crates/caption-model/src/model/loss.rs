use burn::tensor::Tensor;

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
