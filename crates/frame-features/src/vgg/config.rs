//! The size of a VGG-19.

use burn::config::Config;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{Initializer, LinearConfig};
use burn::tensor::Device;

use super::layers::convolution;
use super::network::Vgg;
use crate::layout::{POOLED_SIDE, VggVariant};

/// Configuration of [`Vgg`]; [`init`](Self::init) makes the network with random weights.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use frame_features::VggConfig;
///
/// let device = Device::flex();
/// let network = VggConfig::slim(32).init(&device);
/// let features = network.forward_conv5_3(Tensor::<4>::zeros([1, 3, 32, 32], &device));
/// assert_eq!(features.dims(), [1, 16, 2, 2]);
/// ```
#[derive(Config, Debug, PartialEq, Eq)]
pub struct VggConfig {
    /// Output channels of the convolutions of each of the five groups (2, 2, 4, 4 and 4 of them).
    #[config(default = "[64, 128, 256, 512, 512]")]
    pub channels: [usize; 5],
    /// Size of the two fully connected layers.
    #[config(default = 4096)]
    pub d_hidden: usize,
}

impl VggConfig {
    /// The network of the paper with every width divided by `divisor`.
    ///
    /// # Panics
    ///
    /// Panics if `divisor` is 0 or more than 64, which would leave a layer without channels.
    #[must_use]
    pub fn slim(divisor: usize) -> Self {
        assert!(
            (1..=64).contains(&divisor),
            "divisor is {divisor}, expected 1 to 64"
        );
        Self {
            channels: Self::new().channels.map(|channels| channels / divisor),
            d_hidden: Self::new().d_hidden / divisor,
        }
    }

    /// Input and output channels of convolution `index`, `0..16`.
    ///
    /// # Panics
    ///
    /// Panics if `index` is 16 or more.
    #[must_use]
    pub fn convolution_channels(&self, index: usize) -> [usize; 2] {
        assert!(
            index < VggVariant::Vgg19.num_convolutions(),
            "there is no convolution {index}"
        );
        let channels = |index| self.channels[VggVariant::Vgg19.place(index).0];
        let input = match index {
            0 => 3,
            _ => channels(index - 1),
        };
        [input, channels(index)]
    }

    /// Convolution `index`, `0..16`, as it is configured: 3x3, stride 1, padding 1.
    ///
    /// # Panics
    ///
    /// Panics if `index` is 16 or more.
    #[must_use]
    pub fn convolution(&self, index: usize) -> Conv2dConfig {
        convolution(self.convolution_channels(index))
    }

    /// The network with random weights (He et al., 2015, as torchvision initialises it).
    ///
    /// `device.seed` makes the weights repeat.
    #[must_use]
    pub fn init(&self, device: &Device) -> Vgg {
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 0.01,
        };
        let linear = |d_input, d_output| {
            LinearConfig::new(d_input, d_output)
                .with_initializer(normal.clone())
                .init(device)
        };
        Vgg::from_layers(
            (0..VggVariant::Vgg19.num_convolutions())
                .map(|index| self.convolution(index).init(device))
                .collect(),
            vec![
                linear(self.channels[4] * POOLED_SIDE * POOLED_SIDE, self.d_hidden),
                linear(self.d_hidden, self.d_hidden),
            ],
        )
    }
}
