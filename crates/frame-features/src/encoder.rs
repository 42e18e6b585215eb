//! Pictures in, features out.

use burn::tensor::{Tensor, TensorData};

use crate::cpu::CpuConvolutions;
use crate::layer::Depth;
use crate::{Error, FrameEncoder, Layer, Picture, Preprocess, Vgg19};

/// A network with a layer and a picture size, for inference: pictures in, rows of features out.
///
/// On Burn's CPU device the convolutions are computed by this crate's own code, several times
/// faster than by Burn and the same up to rounding (a relative 3e-6); on other devices by Burn. That
/// code keeps weights of its own, four times as large as the network's: 0.28 GB for `conv5_3` in
/// full width. Full batches are faster than single pictures, eight are enough.
///
/// # Example
///
/// ```
/// use burn::tensor::Device;
/// use frame_features::{Encoder, Layer, Picture, Vgg19Config};
///
/// let network = Vgg19Config::slim(32).init(&Device::flex());
/// let encoder = Encoder::new(&network, Layer::Conv5_3, 64)?;
/// assert_eq!(encoder.shape(), [16, 16]); // 4x4 locations, 16 numbers each
/// let rgb = vec![90; 40 * 30 * 3];
/// let picture = Picture::new(40, 30, &rgb).expect("three bytes a pixel");
/// let rows = encoder.encode(&[picture, picture])?;
/// assert_eq!(rows.len(), 2 * 16 * 16);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    network: Vgg19,
    layer: Layer,
    depth: Depth,
    preprocess: Preprocess,
    shape: Vec<usize>,
    cpu: Option<CpuConvolutions>,
}

impl Encoder {
    /// Prepares a network for pictures scaled to `size` pixels a side.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if the network was loaded without the layer, or an error of the
    /// device.
    ///
    /// # Panics
    ///
    /// Panics if `size` is less than 32, of which nothing would be left.
    pub fn new(network: &Vgg19, layer: Layer, size: usize) -> Result<Self, Error> {
        assert!(size >= 32, "pictures of size {size}, expected at least 32");
        let depth = network.depth(layer)?;
        let cpu = if on_cpu(network) {
            Some(CpuConvolutions::new(network, depth)?)
        } else {
            None
        };
        Ok(Self {
            shape: network.feature_shape(layer, size)?,
            network: network.clone(),
            preprocess: Preprocess::new(size),
            layer,
            depth,
            cpu,
        })
    }

    /// Shape of one picture's row: `[locations, d]` for convolutions and poolings, `[d]` for fully
    /// connected layers.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Vgg19 {
        &self.network
    }

    /// The features of some pictures, of any sizes: one row after the other, row-major.
    ///
    /// # Errors
    ///
    /// [`Error::Device`] if the device fails.
    pub fn encode(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Error> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let features = match (&self.cpu, self.depth.fully_connected) {
            (Some(cpu), 0) => return Ok(cpu.run(pictures, &self.preprocess)),
            (Some(cpu), _) => {
                let values = cpu.run(pictures, &self.preprocess);
                let side = self.preprocess.size() >> self.depth.halvings();
                let channels = values.len() / (pictures.len() * side * side);
                let shape = [pictures.len(), side, side, channels];
                let grid = TensorData::new(values, shape);
                let grid = Tensor::<4>::from_data(grid, &self.network.device());
                let grid = grid.permute([0, 3, 1, 2]);
                let rows = self.network.classify(grid, self.depth);
                rows.try_into_vec_as::<f32>()
            }
            (None, _) => {
                let images = self.preprocess.batch(pictures, &self.network.device());
                let rows = self.network.forward(self.layer, images)?;
                rows.try_into_vec_as::<f32>()
            }
        };
        features.map_err(|error| Error::Device(error.to_string()))
    }
}

impl FrameEncoder for Encoder {
    fn name(&self) -> &str {
        self.network.name()
    }

    fn checksum(&self) -> Result<String, Error> {
        self.network.fingerprint(self.layer)
    }

    fn layer(&self) -> Layer {
        self.layer
    }

    fn input_size(&self) -> usize {
        self.preprocess.size()
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn encode(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Error> {
        Encoder::encode(self, pictures)
    }
}

/// Whether a network lies on Burn's CPU device.
#[cfg(feature = "flex")]
fn on_cpu(network: &Vgg19) -> bool {
    network.device().inner() == burn::tensor::Device::flex()
}

/// Whether a network lies on Burn's CPU device, which is not part of this build.
#[cfg(not(feature = "flex"))]
fn on_cpu(_: &Vgg19) -> bool {
    false
}
