//! An encoder from a file, whichever kind it is.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::frame_encoder::FrameEncoder;
use super::vgg_encoder::Encoder;
use crate::error::Error;
use crate::layer::Layer;
use crate::vgg::Vgg;

/// Whether a file is a network in ONNX, by its name.
///
/// ```
/// assert!(frame_features::is_onnx("eyes/clip-vit-b32.onnx"));
/// assert!(!frame_features::is_onnx("vgg19-dcbb9e9d.pth"));
/// ```
#[must_use]
pub fn is_onnx(path: impl AsRef<Path>) -> bool {
    let ending = path.as_ref().extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"))
}

/// Loads the encoder that a file holds: a network in ONNX if its name ends so (feature `onnx`),
/// else weights of VGG-19 or VGG-16.
///
/// `layer` and `size`, the side of the pictures in pixels, are for VGG; an ONNX network's are said
/// by it and the settings beside it.
///
/// # Errors
///
/// Those of `OnnxEncoder::load`, or of [`Vgg::load_for`] and [`Encoder::new`];
/// [`Error::WithoutOnnx`] for an ONNX file without the feature.
///
/// # Example
///
/// ```no_run
/// use burn::tensor::Device;
/// use frame_features::{Layer, load_encoder};
///
/// let encoder = load_encoder("vgg19-dcbb9e9d.pth", Layer::Conv5_3, 224, &Device::flex())?;
/// println!("{} makes features of shape {:?}", encoder.id(), encoder.shape());
/// # Ok::<(), frame_features::Error>(())
/// ```
pub fn load_encoder(
    path: impl AsRef<Path>,
    layer: Layer,
    size: usize,
    device: &Device,
) -> Result<Arc<dyn FrameEncoder + Send + Sync>, Error> {
    let path = path.as_ref();
    if is_onnx(path) {
        return load_onnx(path, device);
    }
    let network = Vgg::load_for(path, layer, device)?;
    Ok(Arc::new(Encoder::new(&network, layer, size)?))
}

#[cfg(feature = "onnx")]
fn load_onnx(path: &Path, device: &Device) -> Result<Arc<dyn FrameEncoder + Send + Sync>, Error> {
    Ok(Arc::new(crate::onnx::OnnxEncoder::load(path, device)?))
}

#[cfg(not(feature = "onnx"))]
fn load_onnx(path: &Path, _: &Device) -> Result<Arc<dyn FrameEncoder + Send + Sync>, Error> {
    Err(Error::WithoutOnnx {
        path: path.to_path_buf(),
    })
}
