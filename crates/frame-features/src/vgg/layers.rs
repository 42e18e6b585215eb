//! The layers of the network as they follow each other.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Initializer, Linear, PaddingConfig2d};
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, activation::relu};

use crate::layer::Depth;
use crate::layout::POOLED_SIDE;

/// A convolution from so many channels to so many: 3x3, stride 1, padding 1.
pub(super) fn convolution(channels: [usize; 2]) -> Conv2dConfig {
    Conv2dConfig::new(channels, [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_initializer(Initializer::KaimingNormal {
            gain: std::f64::consts::SQRT_2,
            fan_out_only: true,
        })
}

/// Convolutions with their ReLUs and poolings, as they follow each other up to `depth`; the first
/// one is number `first`.
pub(super) fn convolve(
    layers: &[Conv2d],
    first: usize,
    mut grid: Tensor<4>,
    depth: Depth,
) -> Tensor<4> {
    for (index, convolution) in (first..).zip(layers) {
        grid = convolution.forward(grid);
        if depth.relu_after(index) {
            grid = relu(grid);
        }
        if depth.pooled_after(index) {
            let halve = MaxPoolOptions::new([2, 2]).with_stride([2, 2]);
            grid = max_pool2d(grid, halve);
        }
    }
    grid
}

/// The fully connected layers of `depth` over the feature map below `fc6`.
pub(super) fn classify(layers: &[Linear], grid: Tensor<4>, depth: Depth) -> Tensor<2> {
    let pooled = adaptive_avg_pool2d(grid, [POOLED_SIDE, POOLED_SIDE]);
    let mut values: Tensor<2> = pooled.flatten(1, 3); // channel, row, column: as fc6 was trained
    for (number, layer) in (1..=depth.fully_connected).zip(layers) {
        values = layer.forward(values);
        if number < depth.fully_connected || depth.relu {
            values = relu(values);
        }
    }
    values
}

/// The annotation vectors of a feature map, row by row: location `y * width + x`.
///
/// # Shapes
///
/// - `feature_map`: `[batch, channels, height, width]`
/// - returned: `[batch, height * width, channels]`
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor, TensorData};
/// use frame_features::annotations;
///
/// let numbers: Vec<f32> = (0..8).map(|n| n as f32).collect(); // two channels of 2x2
/// let map = Tensor::<4>::from_data(TensorData::new(numbers, [1, 2, 2, 2]), &Device::flex());
/// let list = annotations(map).try_into_vec_as::<f32>().unwrap();
/// assert_eq!(list, [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]);
/// ```
#[must_use]
pub fn annotations(feature_map: Tensor<4>) -> Tensor<3> {
    let flat: Tensor<3> = feature_map.flatten(2, 3); // [batch, channels, locations]
    flat.swap_dims(1, 2)
}
