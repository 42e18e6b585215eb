//! The network.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::layers::{annotations, classify, convolve};
use crate::error::Error;
use crate::layer::Depth;
use crate::layer::Layer;
use crate::layout::{FULLY_CONNECTED, VggVariant};

/// VGG-19, or VGG-16, without the last, classifying layer.
///
/// Made by [`Vgg::load`] from published weights, by [`Vgg::slim`] from the weights that come
/// with this crate, or by [`VggConfig::init`](crate::VggConfig::init) with random ones. Pictures
/// go in as [`Preprocess`](crate::Preprocess) makes them. It is an ordinary Burn module and can be
/// trained.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use frame_features::{VggConfig, annotations};
///
/// let device = Device::flex();
/// let network = VggConfig::slim(64).init(&device);
/// let pictures = Tensor::<4>::zeros([2, 3, 32, 48], &device);
/// let map = network.forward_conv5_3(pictures.clone());
/// assert_eq!(map.dims(), [2, 8, 2, 3]); // batch, channels, rows, columns
/// assert_eq!(annotations(map).dims(), [2, 6, 8]); // batch, locations, channels
/// assert_eq!(network.forward_relu7(pictures).dims(), [2, 64]);
/// ```
#[derive(Module, Debug)]
pub struct Vgg {
    pub(super) convolutions: Vec<Conv2d>,
    pub(super) fully_connected: Vec<Linear>,
    #[module(skip)]
    name: String,
    #[module(skip)]
    variant: VggVariant,
}

impl Vgg {
    /// Puts a VGG-19 together from its layers: the lowest convolutions (15 are enough for
    /// `conv5_3`), and over all 16 of them also `fc6`, or `fc6` and `fc7`. For training programs
    /// that arrange the layers differently.
    ///
    /// # Panics
    ///
    /// Panics if the numbers of layers are others than those.
    #[must_use]
    pub fn from_layers(convolutions: Vec<Conv2d>, fully_connected: Vec<Linear>) -> Self {
        Self::of_variant(VggVariant::Vgg19, convolutions, fully_connected)
    }

    /// As [`from_layers`](Self::from_layers), of either network.
    pub(crate) fn of_variant(
        variant: VggVariant,
        convolutions: Vec<Conv2d>,
        fully_connected: Vec<Linear>,
    ) -> Self {
        let (grid, above) = (convolutions.len(), fully_connected.len());
        let most = variant.num_convolutions();
        assert!(
            (1..=most).contains(&grid),
            "{grid} convolutions, expected 1 to {most}"
        );
        assert!(
            above == 0 || (above <= FULLY_CONNECTED && grid == most),
            "{above} fully connected layers over {grid} convolutions, expected none, or up to 2 over {most}"
        );
        Self {
            convolutions,
            fully_connected,
            name: match variant {
                VggVariant::Vgg16 => "vgg16",
                VggVariant::Vgg19 => "vgg19",
            }
            .to_owned(),
            variant,
        }
    }

    /// Which network it is: files of VGG-16 are recognised by their tensors' names.
    #[must_use]
    pub fn variant(&self) -> VggVariant {
        self.variant
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

    /// The convolutions, `conv1_1` first; fewer than 16, of VGG-16 than 13, if it was loaded for a layer below.
    #[must_use]
    pub fn convolutions(&self) -> &[Conv2d] {
        &self.convolutions
    }

    /// `fc6` and `fc7`, only the first or nothing.
    #[must_use]
    pub fn fully_connected(&self) -> &[Linear] {
        &self.fully_connected
    }

    /// Where the weights lie and the network runs.
    #[must_use]
    pub fn device(&self) -> Device {
        self.convolutions[0].weight.val().device()
    }

    /// Shape of one frame's feature for square pictures of `size` pixels a side: `[locations, d]`
    /// for convolutions and poolings, `[d]` for fully connected layers.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if this network was loaded without that layer's weights.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use frame_features::{Layer, VggConfig};
    ///
    /// let network = VggConfig::slim(16).init(&Device::flex());
    /// assert_eq!(network.feature_shape(Layer::Conv5_3, 224)?, [14 * 14, 32]);
    /// assert_eq!(network.feature_shape("pool1".parse()?, 224)?, [112 * 112, 4]);
    /// assert_eq!(network.feature_shape("relu6".parse()?, 224)?, [256]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn feature_shape(&self, layer: Layer, size: usize) -> Result<Vec<usize>, Error> {
        let depth = self.depth(layer)?;
        Ok(match depth.fully_connected {
            0 => {
                let side = size >> depth.halvings();
                let [channels, ..] = self.convolutions[depth.convolutions - 1].weight.dims();
                vec![side * side, channels]
            }
            count => vec![self.fully_connected[count - 1].weight.dims()[1]],
        })
    }

    /// The depth of a layer that this network has.
    pub(crate) fn depth(&self, layer: Layer) -> Result<Depth, Error> {
        layer
            .depth(self.variant)
            .filter(|depth| {
                depth.convolutions <= self.convolutions.len()
                    && depth.fully_connected <= self.fully_connected.len()
            })
            .ok_or_else(|| Error::NoSuchLayer {
                encoder: self.name.clone(),
                layer,
            })
    }

    /// The output of any layer, as [`Encoder`](crate::Encoder) makes rows of it: of convolutions
    /// and poolings the [`annotations`](crate::annotations), of fully connected layers one vector.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, normalised
    /// - returned: `[batch, locations, d]`; one location for fully connected layers
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if this network was loaded without that layer's weights.
    ///
    /// # Panics
    ///
    /// Panics if the pictures do not have three channels or are too small: nothing would be left
    /// of them.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use frame_features::VggConfig;
    ///
    /// let device = Device::flex();
    /// let network = VggConfig::slim(64).init(&device);
    /// let pictures = Tensor::<4>::zeros([2, 3, 32, 32], &device);
    /// assert_eq!(network.forward("conv2_1".parse()?, pictures).unwrap().dims(), [2, 256, 2]);
    /// # Ok::<(), frame_features::ParseLayerError>(())
    /// ```
    pub fn forward(&self, layer: Layer, images: Tensor<4>) -> Result<Tensor<3>, Error> {
        let depth = self.depth(layer)?;
        let grid = self.convolve(images, depth);
        Ok(match depth.fully_connected {
            0 => annotations(grid),
            _ => self.classify(grid, depth).unsqueeze_dim(1),
        })
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
    /// Panics if the pictures do not have three channels or are smaller than 16x16, or if the
    /// network was loaded for a layer below.
    #[must_use]
    pub fn forward_conv5_3(&self, images: Tensor<4>) -> Tensor<4> {
        let depth = self.depth(Layer::Conv5_3);
        self.convolve(images, depth.expect("the network reaches conv5_3"))
    }

    /// `relu7`: both fully connected layers after their ReLUs, dropout left out. The map below
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
    /// network was loaded without its fully connected layers.
    #[must_use]
    pub fn forward_relu7(&self, images: Tensor<4>) -> Tensor<2> {
        let depth = self.depth(Layer::Relu7).expect("the network reaches relu7");
        self.classify(self.convolve(images, depth), depth)
    }

    /// The fully connected layers of `depth`, from the feature map below `fc6`.
    pub(crate) fn classify(&self, grid: Tensor<4>, depth: Depth) -> Tensor<2> {
        classify(&self.fully_connected, grid, depth)
    }

    /// The convolutions of `depth` with their ReLUs and poolings.
    fn convolve(&self, images: Tensor<4>, depth: Depth) -> Tensor<4> {
        let layers = &self.convolutions[..depth.convolutions];
        convolve(layers, 0, images, depth)
    }
}
