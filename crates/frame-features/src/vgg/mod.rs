//! VGG-19 in Burn: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale
//! Image Recognition" (2015), configuration E, of any width.

mod config;
mod fold;
pub(crate) mod layout;

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor, activation::relu};

pub use config::Vgg19Config;
pub use fold::fold_batch_norm;

use crate::{Error, Layer};
use layout::{CONVOLUTIONS, FULLY_CONNECTED, POOLED_SIDE, UP_TO_CONV5_3, pooled_after};

/// VGG-19 without its last, classifying layer.
///
/// Made by [`Vgg19::load`] from published weights, by [`Vgg19::slim`] from the weights that come
/// with this crate, or by [`Vgg19Config::init`] with random ones. Pictures go in as
/// [`Preprocess`](crate::Preprocess) makes them. It is an ordinary Burn module and can be trained.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use frame_features::{Vgg19Config, annotations};
///
/// let device = Device::flex();
/// let network = Vgg19Config::slim(64).init(&device);
/// let pictures = Tensor::<4>::zeros([2, 3, 32, 48], &device);
/// let grid = network.forward_conv5_3(pictures.clone());
/// assert_eq!(grid.dims(), [2, 8, 2, 3]); // batch, channels, rows, columns
/// assert_eq!(annotations(grid).dims(), [2, 6, 8]); // batch, locations, channels
/// assert_eq!(network.forward_relu7(pictures).dims(), [2, 64]);
/// ```
#[derive(Module, Debug)]
pub struct Vgg19 {
    convolutions: Vec<Conv2d>,
    fully_connected: Vec<Linear>,
    #[module(skip)]
    name: String,
}

impl Vgg19 {
    /// Puts a network together from its layers: 15 convolutions (enough for `conv5_3`) or 16, and
    /// `fc6` and `fc7` or nothing. For training programs that arrange the layers differently.
    ///
    /// # Panics
    ///
    /// Panics if the numbers of layers are others than those.
    #[must_use]
    pub fn from_layers(convolutions: Vec<Conv2d>, fully_connected: Vec<Linear>) -> Self {
        assert!(
            (UP_TO_CONV5_3..=CONVOLUTIONS.len()).contains(&convolutions.len()),
            "{} convolutions, expected 15 or 16",
            convolutions.len()
        );
        assert!(
            fully_connected.is_empty()
                || (fully_connected.len() == FULLY_CONNECTED.len()
                    && convolutions.len() == CONVOLUTIONS.len()),
            "{} fully connected layers over {} convolutions, expected none, or 2 over 16",
            fully_connected.len(),
            convolutions.len()
        );
        Self {
            convolutions,
            fully_connected,
            name: "vgg19".to_owned(),
        }
    }

    /// The same network under another name. Stores and messages name an encoder so; its weights
    /// are told apart by [`fingerprint`](Self::fingerprint).
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The network's name: of its weights' file, without the ending.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The convolutions, `conv1_1` first. 15 if it was loaded for `conv5_3` only.
    #[must_use]
    pub fn convolutions(&self) -> &[Conv2d] {
        &self.convolutions
    }

    /// `fc6` and `fc7`, or nothing.
    #[must_use]
    pub fn fully_connected(&self) -> &[Linear] {
        &self.fully_connected
    }

    /// Where the weights lie and the network runs.
    #[must_use]
    pub fn device(&self) -> Device {
        self.convolutions[0].weight.val().device()
    }

    /// Shape of one frame's feature for square pictures of `size` pixels a side: `[d]` for
    /// [`Layer::Relu7`], `[locations, d]` for [`Layer::Conv5_3`].
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if this network was loaded without that layer's weights.
    pub fn feature_shape(&self, layer: Layer, size: usize) -> Result<Vec<usize>, Error> {
        match (layer, self.fully_connected.last()) {
            (Layer::Conv5_3, _) => {
                let side = size / 16;
                let [channels, ..] = self.convolutions[UP_TO_CONV5_3 - 1].weight.dims();
                Ok(vec![side * side, channels])
            }
            (Layer::Relu7, Some(fc7)) => Ok(vec![fc7.weight.dims()[1]]),
            (Layer::Relu7, None) => Err(Error::NoSuchLayer {
                encoder: self.name.clone(),
                layer,
            }),
        }
    }

    /// `conv5_3` after its ReLU.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, normalised
    /// - returned: `[batch, channels, height / 16, width / 16]`, rounded down
    ///
    /// # Panics
    ///
    /// Panics if the pictures do not have three channels or are smaller than 16x16.
    #[must_use]
    pub fn forward_conv5_3(&self, images: Tensor<4>) -> Tensor<4> {
        self.convolve(images, UP_TO_CONV5_3)
    }

    /// `relu7`: both fully connected layers after their ReLUs, dropout left out. The grid below
    /// them is averaged to 7x7 first, as torchvision does, so the pictures can be of any size.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, normalised
    /// - returned: `[batch, d_hidden]`
    ///
    /// # Panics
    ///
    /// Panics if the pictures do not have three channels or are smaller than 32x32, or if the
    /// network has no fully connected layers.
    #[must_use]
    pub fn forward_relu7(&self, images: Tensor<4>) -> Tensor<2> {
        self.classify(self.convolve(images, CONVOLUTIONS.len()))
    }

    /// `relu7` from the grid below `fc6`.
    pub(crate) fn classify(&self, grid: Tensor<4>) -> Tensor<2> {
        let [fc6, fc7] = self.fully_connected.as_slice() else {
            panic!("relu7 was asked of a network without fully connected layers");
        };
        let pooled = adaptive_avg_pool2d(grid, [POOLED_SIDE, POOLED_SIDE]);
        let flat: Tensor<2> = pooled.flatten(1, 3); // channel, row, column: as fc6 was trained
        relu(fc7.forward(relu(fc6.forward(flat))))
    }

    /// The first `count` convolutions with their ReLUs and the poolings after them; the last
    /// one's pooling only if all sixteen run.
    fn convolve(&self, images: Tensor<4>, count: usize) -> Tensor<4> {
        let mut grid = images;
        for (index, convolution) in self.convolutions.iter().take(count).enumerate() {
            grid = relu(convolution.forward(grid));
            if pooled_after(index) {
                let halve = MaxPoolOptions::new([2, 2]).with_stride([2, 2]);
                grid = max_pool2d(grid, halve);
            }
        }
        grid
    }
}

/// A grid of features as a list of annotation vectors, row by row: location `y * width + x`.
///
/// # Shapes
///
/// - `grid`: `[batch, channels, height, width]`
/// - returned: `[batch, height * width, channels]`
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor, TensorData};
/// use frame_features::annotations;
///
/// let numbers: Vec<f32> = (0..8).map(|n| n as f32).collect(); // two channels of 2x2
/// let grid = Tensor::<4>::from_data(TensorData::new(numbers, [1, 2, 2, 2]), &Device::flex());
/// let list = annotations(grid).try_into_vec_as::<f32>().unwrap();
/// assert_eq!(list, [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]);
/// ```
#[must_use]
pub fn annotations(grid: Tensor<4>) -> Tensor<3> {
    let flat: Tensor<3> = grid.flatten(2, 3); // [batch, channels, locations]
    flat.swap_dims(1, 2)
}
