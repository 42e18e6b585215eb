use burn::tensor::Tensor;

/// Cross entropies of a batch, one for each row.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
/// use burn_fused::linear_cross_entropy;
///
/// let device = Device::flex();
/// let layer = LinearConfig::new(4, 8).with_bias(false).init(&device);
/// let targets = Tensor::from_ints([3, 5], &device);
/// let losses = linear_cross_entropy(Tensor::zeros([2, 4], &device), &layer, targets, 0.0);
/// // All logits are 0: each of the eight classes has the probability 1/8.
/// assert!((losses.nll.sum().into_scalar::<f32>() - 2.0 * 8f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// Cross entropy with smoothed labels, `[rows]`, in nats: what training minimises.
    pub loss: Tensor<1>,
    /// Negative log-likelihood of the target classes, `[rows]`, in nats. Carries no gradient.
    pub nll: Tensor<1>,
}
