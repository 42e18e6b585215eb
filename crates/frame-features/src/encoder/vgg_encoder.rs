//! VGG-19 as an encoder.

use burn::tensor::Tensor;
#[cfg(feature = "flex")]
use burn::tensor::TensorData;

use super::frame_encoder::FrameEncoder;
use super::id::EncoderId;
#[cfg(feature = "flex")]
use crate::cpu::CpuConvolutions;
#[cfg(feature = "flex")]
use crate::device::is_cpu;
use crate::error::Error;
#[cfg(feature = "flex")]
use crate::layer::Depth;
use crate::layer::Layer;
use crate::picture::Picture;
use crate::preprocess::Preprocess;
use crate::vgg::Vgg;

/// VGG-19 with a layer and a picture size, for inference: pictures in, features out.
///
/// On Burn's CPU device the convolutions are computed by this crate's own code, several times
/// faster than by Burn and the same up to rounding (a relative 3e-6); on other devices by Burn.
/// That code keeps weights of its own, four times as large as the network's: 0.28 GB for `conv5_3`
/// in full width. Full batches are faster than single pictures, eight are enough.
///
/// # Example
///
/// ```
/// use burn::tensor::Device;
/// use frame_features::{Encoder, FrameEncoder, Layer, Picture, VggConfig};
///
/// let network = VggConfig::slim(32).init(&Device::flex());
/// let encoder = Encoder::new(&network, Layer::Conv5_3, 64)?;
/// assert_eq!(encoder.shape(), [16, 16]); // 4x4 locations, 16 numbers each
/// let rgb = vec![90; 40 * 30 * 3];
/// let picture = Picture::new(40, 30, &rgb).expect("three bytes a pixel");
/// let features = encoder.forward(&[picture, picture])?; // on the network's device
/// assert_eq!(features.dims(), [2, 16, 16]);
/// let rows = encoder.encode(&[picture, picture])?; // in memory
/// assert_eq!(rows.len(), 2 * 16 * 16);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    id: EncoderId,
    network: Vgg,
    preprocess: Preprocess,
    shape: Vec<usize>,
    #[cfg(feature = "flex")]
    cpu: Option<Cpu>,
}

/// What is computed on the CPU without Burn.
#[cfg(feature = "flex")]
#[derive(Debug)]
struct Cpu {
    convolutions: CpuConvolutions,
    depth: Depth,
}

impl Encoder {
    /// Prepares a network for pictures scaled to `size` pixels a side, at least 32.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if the network was loaded without the layer, [`Error::Option`] if of
    /// pictures of this size nothing would be left, or an error of the device.
    pub fn new(network: &Vgg, layer: Layer, size: usize) -> Result<Self, Error> {
        if !(32..=4096).contains(&size) {
            return Err(Error::Option {
                option: "the size of pictures",
                value: size.to_string(),
                expected: "32 to 4096",
            });
        }
        Ok(Self {
            id: EncoderId::new(network.name(), network.fingerprint(layer)?, layer, size),
            network: network.clone(),
            preprocess: Preprocess::new(size),
            shape: network.feature_shape(layer, size)?,
            #[cfg(feature = "flex")]
            cpu: if is_cpu(&network.device()) {
                Some(Cpu::new(network, network.depth(layer)?)?)
            } else {
                None
            },
        })
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Vgg {
        &self.network
    }
}

impl FrameEncoder for Encoder {
    fn id(&self) -> &EncoderId {
        &self.id
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The pictures can be of any sizes; they are scaled to the encoder's.
    ///
    /// # Panics
    ///
    /// Panics if there are no pictures.
    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        assert!(!pictures.is_empty(), "at least one picture");
        #[cfg(feature = "flex")]
        if let Some(cpu) = &self.cpu {
            return Ok(cpu.forward(&self.network, pictures, &self.preprocess));
        }
        let images = self.preprocess.batch(pictures, &self.network.device());
        self.network.forward(self.id.layer, images)
    }
}

#[cfg(feature = "flex")]
impl Cpu {
    fn new(network: &Vgg, depth: Depth) -> Result<Self, Error> {
        Ok(Self {
            convolutions: CpuConvolutions::new(network, depth)?,
            depth,
        })
    }

    fn forward(
        &self,
        network: &Vgg,
        pictures: &[Picture<'_>],
        preprocess: &Preprocess,
    ) -> Tensor<3> {
        let values = self.convolutions.run(pictures, preprocess);
        let side = preprocess.size() >> self.depth.halvings();
        let channels = values.len() / (pictures.len() * side * side);
        let shape = [pictures.len(), side * side, channels];
        let rows = Tensor::<3>::from_data(TensorData::new(values, shape), &network.device());
        if self.depth.fully_connected == 0 {
            return rows;
        }
        let grid = rows.reshape([pictures.len(), side, side, channels]);
        let grid: Tensor<4> = grid.permute([0, 3, 1, 2]);
        network.classify(grid, self.depth).unsqueeze_dim(1)
    }
}
