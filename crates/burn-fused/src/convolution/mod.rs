#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod forward;
#[cfg(feature = "flex")]
mod padded;
#[cfg(all(test, feature = "flex"))]
mod tests;
#[cfg(feature = "flex")]
mod weight_gradient;

use burn::{nn::conv::Conv2d, tensor::Tensor};

/// A convolution, `layer.forward(x)`, that learns faster on the CPU where its kernel is 3x3, its
/// stride 1 and its padding 1, as all of VGG's are, and where maps are not very small.
///
/// Burn's convolution copies nine neighbours of each location together, multiplies matrices, and
/// takes the gradient of the weights as a convolution whose kernel is as large as the picture. Here
/// sums are taken as they are defined, in registers, over pictures with a border of zeros, and
/// nothing is copied together; the backward pass is one node. Anything else is Burn's.
///
/// # Shapes
///
/// - `x`: `[batch, channels_in, height, width]`
/// - returned: `[batch, channels_out, height, width]`
///
/// # Panics
///
/// Panics if `x` has other channels than the layer takes.
///
/// ```
/// use burn::{nn::{PaddingConfig2d, conv::Conv2dConfig}, tensor::{Device, Tensor}};
///
/// let device = Device::flex().autodiff();
/// let layer = Conv2dConfig::new([3, 8], [3, 3])
///     .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
///     .init(&device);
/// let map = burn_fused::convolution(&layer, Tensor::ones([2, 3, 20, 30], &device));
/// assert_eq!(map.dims(), [2, 8, 20, 30]);
/// let gradients = map.sum().backward();
/// assert_eq!(layer.weight.grad(&gradients).expect("it learns").dims(), [8, 3, 3, 3]);
/// ```
#[must_use]
pub fn convolution(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::convolution(layer, &x) {
        return output;
    }
    layer.forward(x)
}
