//! Pictures to features: which encoder a model needs, and where it is found.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use burn::tensor::{Device, Tensor};
use frame_features::{EncoderId, FrameEncoder, Layer, Picture, Vgg, is_onnx, load_encoder};

use crate::{error::Error, model::NetworkConfig};

/// Pictures that are encoded at once: more are hardly faster and take memory.
const PICTURES_AT_ONCE: usize = 16;

/// An encoder that threads can share.
type Shared = Arc<dyn FrameEncoder + Send + Sync>;

/// The encoder of a model: loaded when the first picture comes.
pub(crate) struct PictureEncoder {
    /// Where a model that lies in a folder keeps an encoder of its own.
    own: Option<PathBuf>,
    wanted: EncoderId,
    network: NetworkConfig,
    device: Device,
    found: Mutex<Option<Shared>>,
    /// Held while an encoder is loaded: of several threads one loads it, and the others wait.
    loading: Mutex<()>,
}

impl fmt::Debug for PictureEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PictureEncoder")
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

impl PictureEncoder {
    pub(crate) fn new(
        own: Option<PathBuf>,
        wanted: EncoderId,
        network: NetworkConfig,
        device: Device,
    ) -> Self {
        Self {
            own,
            wanted,
            network,
            device,
            found: Mutex::new(None),
            loading: Mutex::new(()),
        }
    }

    /// The model's own encoder, if it has one.
    pub(crate) fn own(&self) -> Option<&Path> {
        self.own.as_deref().filter(|path| path.is_file())
    }

    /// Takes this encoder, if it is the one that the model learnt from.
    pub(crate) fn give(&self, encoder: Shared) -> Result<(), Error> {
        let given = encoder.id();
        if !given.matches(&self.wanted) {
            return Err(Error::OtherEncoder {
                features: given.to_string(),
                model: self.wanted.to_string(),
            });
        }
        if !self.network.accepts(encoder.shape()) {
            return Err(Error::FeatureShape {
                found: encoder.shape().to_vec(),
                expected: self.network.expected_features(),
            });
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(encoder);
        Ok(())
    }

    /// Takes the encoder that a file holds: a network in ONNX, or weights of VGG as torchvision's
    /// `.pth` or safetensors.
    pub(crate) fn give_file(&self, path: &std::path::Path) -> Result<(), Error> {
        if is_onnx(path) {
            let (layer, size) = (Layer::Output, self.wanted.input_size);
            return self.give(load_encoder(path, layer, size, &self.device)?);
        }
        let network = Vgg::load_for(path, self.layer()?, &self.device)?;
        self.give(self.encoder(&network)?)
    }

    /// Finds the encoder.
    pub(crate) fn load(&self) -> Result<(), Error> {
        self.get().map(|_| ())
    }

    /// The features of pictures, at least one, `[pictures, locations, d_features]`. They stay on
    /// the device.
    pub(crate) fn features(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        let encoder = self.get()?;
        let parts: Vec<Tensor<3>> = pictures
            .chunks(PICTURES_AT_ONCE)
            .map(|some| Ok(encoder.forward_checked(some)?.to_device(&self.device)))
            .collect::<Result<_, Error>>()?;
        Ok(match <[_; 1]>::try_from(parts) {
            Ok([one]) => one,
            Err(parts) => Tensor::cat(parts, 0),
        })
    }

    /// The encoder, found the first time: the model's own, or the built-in one.
    fn get(&self) -> Result<Shared, Error> {
        if let Some(encoder) = self.found() {
            return Ok(encoder);
        }
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoder) = self.found() {
            return Ok(encoder); // another thread has loaded it
        }
        match self.own() {
            Some(own) => self.give_file(own)?,
            None => self.give_built_in()?,
        }
        self.found().ok_or_else(|| self.missing())
    }

    fn found(&self) -> Option<Shared> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.clone()
    }

    #[cfg(feature = "slim")]
    fn give_built_in(&self) -> Result<(), Error> {
        let slim = Vgg::slim(&self.device)?;
        match self.encoder(&slim).and_then(|encoder| self.give(encoder)) {
            Err(Error::OtherEncoder { .. }) => Err(self.missing()),
            result => result,
        }
    }

    #[cfg(not(feature = "slim"))]
    fn give_built_in(&self) -> Result<(), Error> {
        Err(self.missing())
    }

    fn encoder(&self, network: &Vgg) -> Result<Shared, Error> {
        if self.wanted.input_size < 32 {
            return Err(self.missing()); // VGG-19 halves pictures five times
        }
        let encoder = frame_features::Encoder::new(network, self.layer()?, self.wanted.input_size)?;
        Ok(Arc::new(encoder))
    }

    fn layer(&self) -> Result<Layer, Error> {
        match self.wanted.layer {
            Layer::Output => Err(self.missing()),
            layer => Ok(layer),
        }
    }

    fn missing(&self) -> Error {
        Error::NoEncoder {
            wanted: self.wanted.to_string(),
        }
    }
}
