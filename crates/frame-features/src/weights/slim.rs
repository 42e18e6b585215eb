//! The encoder that comes with the crate.

use std::path::Path;

use burn::tensor::Device;

use super::build::build;
use super::safetensors;
use crate::error::Error;
use crate::vgg::Vgg;

const WEIGHTS: &[u8] = include_bytes!("../../weights/vgg19-slim8.safetensors");

impl Vgg {
    /// The encoder that comes with this crate: VGG-19 with an eighth of the channels, trained by
    /// this project on drawn characters. Needs the feature `slim`, which puts its weights into the
    /// program.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use frame_features::{Layer, Vgg};
    ///
    /// let network = Vgg::slim(&Device::flex())?;
    /// assert_eq!(network.feature_shape(Layer::Relu7, 224)?, [512]);
    /// # Ok::<(), frame_features::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Weights`] if the device refuses them.
    pub fn slim(device: &Device) -> Result<Self, Error> {
        let path = Path::new("vgg19-slim8.safetensors (built in)");
        let network =
            safetensors::from_bytes(path, WEIGHTS, |file| build(path, file, None, device))?;
        Ok(network.named("vgg19-slim8"))
    }
}
