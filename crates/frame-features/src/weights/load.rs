//! Reading published files of weights.

use std::path::Path;

use burn::tensor::Device;

use super::build::build;
use super::pytorch::PytorchFile;
use super::{checksum, safetensors};
use crate::error::Error;
use crate::layer::Layer;
use crate::vgg::Vgg19;

impl Vgg19 {
    /// Reads a network's weights from torchvision's `.pth` or a `.safetensors` file with the same
    /// names (`features.0.weight` …) in f32, f16, bf16 or f64. The widths are those of the file, so
    /// narrower networks load as well; the last layer (`classifier.6`) is ignored, and a file
    /// without `classifier.` tensors gives a network without fully connected layers. All sixteen
    /// convolutions have to be there; a file of fewer is for [`load_for`](Self::load_for).
    ///
    /// The pickle in a `.pth` file is read as data: nothing in it is run. If the file is called as
    /// torchvision calls it (`vgg19-dcbb9e9d.pth`), the first digits of its SHA-256 are checked.
    ///
    /// # Errors
    ///
    /// An error naming the file, and the tensor if one is missing, misshapen or cut off.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use frame_features::Vgg19;
    ///
    /// let network = Vgg19::load("vgg19-dcbb9e9d.pth", &Device::flex())?;
    /// assert_eq!(network.convolutions().len(), 16);
    /// # Ok::<(), frame_features::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        Self::load_layers(path.as_ref(), None, device)
    }

    /// As [`load`](Self::load), but reads only what `layer` needs: for [`Layer::Conv5_3`] a sixth
    /// of the published file.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); [`Layer::Relu7`] needs the `classifier.` tensors, and
    /// [`Layer::Output`] is none of VGG-19.
    pub fn load_for(path: impl AsRef<Path>, layer: Layer, device: &Device) -> Result<Self, Error> {
        Self::load_layers(path.as_ref(), Some(layer), device)
    }

    fn load_layers(path: &Path, layer: Option<Layer>, device: &Device) -> Result<Self, Error> {
        let name = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        checksum::check_name(path)?;
        let network = if safetensors::recognise(path)? {
            safetensors::with(path, |file| build(path, file, layer, device))?
        } else {
            build(path, &PytorchFile::open(path)?, layer, device)?
        };
        Ok(network.named(name))
    }
}
