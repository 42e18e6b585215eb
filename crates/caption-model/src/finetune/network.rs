use burn::{module::Module, tensor::Device};
use frame_features::{Layer, VggTail, VggTailConfig};
use serde::{Deserialize, Serialize};

use crate::model::{AttentionCaptionerConfig, GlobalCaptionerConfig, Network, NetworkConfig};

/// A captioner over the last blocks of an encoder: both are trained.
///
/// Made by [`NetworkConfig::init`] and [`FineTuner`](crate::FineTuner).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::{FineTuned, GlobalCaptionerConfig};
/// use frame_features::{Layer, Vgg19Config};
///
/// let device = Device::flex();
/// let encoder = Vgg19Config::slim(64).init(&device);
/// let network = FineTuned {
///     tail: encoder.tail("pool5".parse()?, Layer::Relu7)?,
///     captioner: GlobalCaptionerConfig::new(50, 64).init(&device),
/// };
/// let relu7 = network.tail.forward(Tensor::ones([2, 49, 8], &device));
/// assert_eq!(relu7.dims(), [2, 1, 64]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct FineTuned<M: Module> {
    /// The encoder's blocks.
    pub tail: VggTail,
    /// What reads their output.
    pub captioner: M,
}

/// A captioner's configuration, without an encoder.
///
/// ```
/// use caption_model::{AttentionCaptionerConfig, CaptionerConfig};
/// use frame_features::Layer;
///
/// let config = CaptionerConfig::Attention(AttentionCaptionerConfig::new(100, 512));
/// assert_eq!(config.layer(), Layer::Conv5_3);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionerConfig {
    /// Show and Tell.
    Global(GlobalCaptionerConfig),
    /// Show, Attend and Tell.
    Attention(AttentionCaptionerConfig),
}

impl CaptionerConfig {
    /// The layer of VGG-19 that its paper reads.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Global(_) => Layer::Relu7,
            Self::Attention(_) => Layer::Conv5_3,
        }
    }
}

impl From<CaptionerConfig> for NetworkConfig {
    fn from(config: CaptionerConfig) -> Self {
        match config {
            CaptionerConfig::Global(config) => Self::Global(config),
            CaptionerConfig::Attention(config) => Self::Attention(config),
        }
    }
}

/// Configuration of a captioner over the last blocks of an encoder.
///
/// ```
/// use caption_model::{CaptionerConfig, FineTunedConfig, GlobalCaptionerConfig, NetworkConfig};
/// use frame_features::VggTailConfig;
///
/// let config = NetworkConfig::FineTuned(FineTunedConfig {
///     tail: VggTailConfig {
///         below: "pool5".parse()?,
///         layer: "relu7".parse()?,
///         convolutions: vec![],
///         fully_connected: vec![[49 * 8, 64], [64, 64]],
///     },
///     captioner: CaptionerConfig::Global(GlobalCaptionerConfig::new(50, 64)),
/// });
/// assert!(config.accepts(&[49, 8]));
/// # Ok::<(), frame_features::ParseLayerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineTunedConfig {
    /// The encoder's blocks.
    pub tail: VggTailConfig,
    /// What reads their output.
    pub captioner: CaptionerConfig,
}

impl FineTunedConfig {
    /// The captioner alone.
    pub(crate) fn plain(&self) -> NetworkConfig {
        self.captioner.clone().into()
    }

    /// What does not fit together, if something does not.
    pub(crate) fn problem(&self) -> Option<String> {
        let (given, read) = (self.tail.d_output(), self.plain().d_features());
        self.tail.problem().or_else(|| {
            (given != read).then(|| {
                format!("the encoder gives vectors of {given}, the captioner reads {read}")
            })
        })
    }

    pub(crate) fn init(&self, device: &Device) -> Network {
        self.network(self.tail.init(device), device)
    }

    /// The network over these blocks, with random weights of the captioner.
    pub(super) fn network(&self, tail: VggTail, device: &Device) -> Network {
        match &self.captioner {
            CaptionerConfig::Global(config) => Network::FineTunedGlobal(FineTuned {
                tail,
                captioner: config.init(device),
            }),
            CaptionerConfig::Attention(config) => Network::FineTunedAttention(FineTuned {
                tail,
                captioner: config.init(device),
            }),
        }
    }
}
