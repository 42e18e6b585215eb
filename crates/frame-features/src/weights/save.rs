//! Weights under their published names: to a file, and to a checksum.

use std::path::Path;

use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use half::f16;
use half::vec::HalfFloatVecExt;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::files::{digits, write_whole};
use crate::layer::Layer;
use crate::layout::{FULLY_CONNECTED, fully_connected};
use crate::vgg::Vgg;

/// A tensor as it is published: PyTorch's name and order of axes.
struct Exported {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Vgg {
    /// Writes the weights as safetensors in f16 under torchvision's names, so that
    /// [`load`](Self::load) and Python read them; of a network that ends below `conv5_4` only
    /// [`load_for`](Self::load_for) does. The file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// An error of the device or of writing, or a weight that f16 cannot hold (beyond ±65,504).
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use frame_features::{Vgg, VggConfig};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("vgg19-tiny.safetensors");
    /// let network = VggConfig::slim(64).init(&Device::flex());
    /// network.save_safetensors_f16(&path)?;
    /// assert_eq!(Vgg::load(&path, &Device::flex())?.name(), "vgg19-tiny");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_safetensors_f16(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        self.save(path, Dtype::F16, |tensor| {
            let halves: Vec<f16> = Vec::from_f32_slice(&tensor.values);
            if let Some(place) = halves.iter().position(|value| !value.is_finite()) {
                let problem = format!(
                    "element {place} is {}, too large for f16",
                    tensor.values[place]
                );
                return Err(Error::tensor(path, &tensor.name, problem));
            }
            let bytes = halves.iter().flat_map(|value| value.to_le_bytes());
            Ok(bytes.collect())
        })
    }

    /// As [`save_safetensors_f16`](Self::save_safetensors_f16) in f32: what is read back is the
    /// same to the last bit, and so is its [`fingerprint`](Self::fingerprint).
    ///
    /// # Errors
    ///
    /// An error of the device or of writing.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use frame_features::{Layer, Vgg, VggConfig};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("encoder.safetensors");
    /// let network = VggConfig::slim(64).init(&Device::flex());
    /// network.save_safetensors(&path)?;
    /// let read = Vgg::load(&path, &Device::flex())?;
    /// assert_eq!(read.fingerprint(Layer::Relu7)?, network.fingerprint(Layer::Relu7)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_safetensors(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.save(path.as_ref(), Dtype::F32, |tensor| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes());
            Ok(bytes.collect())
        })
    }

    fn save(
        &self,
        path: &Path,
        dtype: Dtype,
        bytes_of: impl Fn(&Exported) -> Result<Vec<u8>, Error>,
    ) -> Result<(), Error> {
        let mut tensors = Vec::new();
        let convolutions = self.variant().num_convolutions();
        self.export(convolutions, FULLY_CONNECTED, |tensor| {
            let bytes = bytes_of(&tensor)?;
            tensors.push((tensor.name, tensor.shape, bytes));
            Ok(())
        })?;
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                let view = TensorView::new(dtype, shape.clone(), bytes)
                    .expect("as many bytes were made as the elements take");
                (name.as_str(), view)
            })
            .collect();
        let bytes = safetensors::serialize(views, None)
            .map_err(|error| Error::weights(path, "they cannot be written").caused_by(error))?;
        write_whole(path, &bytes)
    }

    /// SHA-256 of the weights that `layer` depends on (their published names, shapes and values in
    /// f32), as 64 hexadecimal digits. Two networks with the same give the same features, whatever
    /// kind of file they came from; a store of features remembers it.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`], or an error of the device.
    pub fn fingerprint(&self, layer: Layer) -> Result<String, Error> {
        let depth = self.depth(layer)?;
        let mut hasher = Sha256::new();
        self.export(depth.convolutions, depth.fully_connected, |tensor| {
            hasher.update(format!("{} {:?}\n", tensor.name, tensor.shape));
            hasher.update(bytemuck::cast_slice::<f32, u8>(&tensor.values)); // little-endian
            Ok(())
        })?;
        Ok(digits(hasher))
    }

    /// Hands the tensors over one at a time, in the order of the layers.
    fn export(
        &self,
        convolutions: usize,
        linears: usize,
        mut each: impl FnMut(Exported) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let layers = self.convolutions().iter().enumerate();
        for (index, Conv2d { weight, bias, .. }) in layers.take(convolutions) {
            let name = self.variant().convolution(index).torchvision;
            each(exported(&name, "weight", weight.val())?)?;
            if let Some(bias) = bias {
                each(exported(&name, "bias", bias.val())?)?;
            }
        }
        let layers = self.fully_connected().iter().enumerate();
        for (index, Linear { weight, bias }) in layers.take(linears) {
            let name = fully_connected(index).torchvision;
            each(exported(&name, "weight", weight.val().transpose())?)?;
            if let Some(bias) = bias {
                each(exported(&name, "bias", bias.val())?)?;
            }
        }
        Ok(())
    }
}

fn exported<const D: usize>(layer: &str, part: &str, tensor: Tensor<D>) -> Result<Exported, Error> {
    Ok(Exported {
        name: format!("{layer}.{part}"),
        shape: tensor.dims().to_vec(),
        values: tensor.try_into_vec_as::<f32>().map_err(Error::device)?,
    })
}
