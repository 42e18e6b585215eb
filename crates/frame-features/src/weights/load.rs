//! Reading published files of weights.

use std::path::Path;

use burn::tensor::Device;

use super::build::build;
use super::pytorch::PytorchFile;
use super::{checksum, safetensors};
use crate::error::Error;
use crate::layer::Layer;
use crate::vgg::Vgg;

impl Vgg {
    /// Reads a network's weights from torchvision's `.pth` or a `.safetensors` file with the same
    /// names (`features.0.weight` …) in f32, f16, bf16 or f64. VGG-19 and VGG-16 are told apart by
    /// the names and shapes, and so are those trained with batch normalisation (`vgg19_bn`), which
    /// is [folded](crate::fold_batch_norm) into the convolutions. The widths are those of the file,
    /// so narrower networks load as well; the last layer (`classifier.6`) is ignored, and a file
    /// without `classifier.` tensors gives a network without fully connected layers. All sixteen
    /// (thirteen) convolutions have to be there; a file of fewer is for
    /// [`load_for`](Self::load_for).
    ///
    /// What training programs wrap networks in is looked through: dictionaries such as `state_dict`
    /// and `model_state_dict`, prefixes such as `module.` and `model.`. A file with several networks
    /// is refused.
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
    /// use frame_features::Vgg;
    ///
    /// let network = Vgg::load("vgg19-dcbb9e9d.pth", &Device::flex())?;
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
    /// [`Layer::Output`] is none of VGG-19's, `conv3_4`, `conv4_4` and
    /// `conv5_4` are none of VGG-16's.
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
