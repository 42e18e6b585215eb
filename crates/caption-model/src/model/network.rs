use burn::{
    module::Module,
    tensor::{Device, Int, Tensor},
};
use serde::{Deserialize, Serialize};

use super::{
    attention::{Attention, AttentionCaptioner, AttentionCaptionerConfig, AttentionState},
    global::{GlobalCaptioner, GlobalCaptionerConfig},
    lstm::LstmState,
};
use crate::ops::{WordLoss, linear_cross_entropy};

/// Which captioner, and its sizes: what `config.json` of a model folder holds under `network`.
///
/// ```
/// use caption_model::{GlobalCaptionerConfig, NetworkConfig};
///
/// let config = NetworkConfig::Global(GlobalCaptionerConfig::new(30_000, 4096));
/// assert_eq!(config.num_words(), 30_000);
/// assert_eq!(config.feature_shape_rank(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkConfig {
    /// Show and Tell: one vector a picture.
    Global(GlobalCaptionerConfig),
    /// Show, Attend and Tell: a vector for each location of a picture.
    Attention(AttentionCaptionerConfig),
}

impl NetworkConfig {
    /// Makes the network with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    pub fn init(&self, device: &Device) -> Network {
        match self {
            Self::Global(config) => Network::Global(config.init(device)),
            Self::Attention(config) => Network::Attention(config.init(device)),
        }
    }

    /// Number of words, special ones included.
    pub fn num_words(&self) -> usize {
        match self {
            Self::Global(config) => config.num_words,
            Self::Attention(config) => config.num_words,
        }
    }

    /// Size of a picture's feature vector, or of each of its annotation vectors.
    pub fn d_features(&self) -> usize {
        match self {
            Self::Global(config) => config.d_features,
            Self::Attention(config) => config.d_annotation,
        }
    }

    /// Rank of what a feature store holds for a frame: 1 for a vector, 2 for vectors by location.
    pub fn feature_shape_rank(&self) -> usize {
        match self {
            Self::Global(_) => 1,
            Self::Attention(_) => 2,
        }
    }

    /// Whether rows of this shape, as a feature store names it, can be read by the network.
    pub fn accepts(&self, shape: &[usize]) -> bool {
        shape.len() == self.feature_shape_rank() && shape.last() == Some(&self.d_features())
    }

    /// What rows the network reads, in words.
    pub(crate) fn expected_features(&self) -> String {
        match self {
            Self::Global(config) => format!("[{}]", config.d_features),
            Self::Attention(config) => format!("[locations, {}]", config.d_annotation),
        }
    }

    /// Every size that takes memory, to be bounded before a file's configuration is believed.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Global(c) => vec![c.num_words, c.d_features, c.d_embedding, c.d_hidden],
            Self::Attention(c) => vec![
                c.num_words,
                c.d_annotation,
                c.d_embedding,
                c.d_hidden,
                c.d_attention,
            ],
        }
    }

    /// Probability of dropout while training.
    pub(crate) fn dropout(&self) -> f64 {
        match self {
            Self::Global(config) => config.dropout,
            Self::Attention(config) => config.dropout,
        }
    }
}

/// Either captioner behind one set of methods: what training and generation work with.
///
/// Features always come as `[batch, locations, d_features]`; the global captioner has one location.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::{GlobalCaptionerConfig, NetworkConfig};
///
/// let device = Device::flex();
/// let network = NetworkConfig::Global(GlobalCaptionerConfig::new(50, 16)).init(&device);
/// let state = network.start(Tensor::zeros([3, 1, 16], &device));
/// let step = network.step(Tensor::from_ints([1, 1, 1], &device), state);
/// assert_eq!(network.logits(step.deep).dims(), [3, 50]);
/// ```
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "few of them exist at a time, and boxes would hide the models"
)]
pub enum Network {
    /// Show and Tell.
    Global(GlobalCaptioner),
    /// Show, Attend and Tell.
    Attention(AttentionCaptioner),
}

/// What a [`Network`] carries from word to word; made by [`Network::start`].
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "few of them exist at a time, and boxes would hide the models"
)]
pub enum NetworkState {
    /// Of Show and Tell.
    Global(LstmState),
    /// Of Show, Attend and Tell.
    Attention(AttentionState),
}

/// One step of a [`Network`]; made by [`Network::step`].
#[derive(Clone, Debug)]
pub struct NetworkStep {
    /// What [`Network::logits`] takes, `[batch, d]`.
    pub deep: Tensor<2>,
    /// Attention weights, `[batch, locations]`, where there is attention.
    pub weights: Option<Tensor<2>>,
    /// Gates of the context vectors `[batch, 1]`, where there is attention.
    pub gate: Option<Tensor<2>>,
    /// The state for the next word.
    pub state: NetworkState,
}

impl Network {
    /// Runs over known words (teacher forcing).
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, locations, d_features]`
    /// - `words`: `[batch, time]`, the words read, `<bos>` first
    /// - returned: what [`logits`](Self::logits) takes, `[batch, time, d]`, and where attention looked
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    pub fn forward(
        &self,
        features: Tensor<3>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Option<Attention>) {
        match self {
            Self::Global(model) => (model.forward(one_location(features), words), None),
            Self::Attention(model) => {
                let (deep, attention) = model.forward(features, words);
                (deep, Some(attention))
            }
        }
    }

    /// The state before the first word.
    ///
    /// # Panics
    ///
    /// Panics if `features` is not `[batch, locations, d_features]` of the configuration.
    pub fn start(&self, features: Tensor<3>) -> NetworkState {
        match self {
            Self::Global(model) => NetworkState::Global(model.start(one_location(features))),
            Self::Attention(model) => NetworkState::Attention(model.start(features)),
        }
    }

    /// Reads one word of each comment, `[batch]`.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ or the state is another network's.
    pub fn step(&self, words: Tensor<1, Int>, state: NetworkState) -> NetworkStep {
        match (self, state) {
            (Self::Global(model), NetworkState::Global(state)) => {
                let (deep, state) = model.step(words, state);
                NetworkStep {
                    deep,
                    weights: None,
                    gate: None,
                    state: NetworkState::Global(state),
                }
            }
            (Self::Attention(model), NetworkState::Attention(state)) => {
                let step = model.step(words, state);
                NetworkStep {
                    deep: step.deep,
                    weights: Some(step.weights),
                    gate: Some(step.gate),
                    state: NetworkState::Attention(step.state),
                }
            }
            _ => panic!("the state comes from the other kind of network"),
        }
    }

    /// The word layer: `[positions, d]` to `[positions, num_words]`.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    pub fn logits(&self, deep: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Global(model) => model.logits(deep),
            Self::Attention(model) => model.logits(deep),
        }
    }

    /// What `targets` cost after `deep`, `[positions, d]`; see [`linear_cross_entropy`].
    ///
    /// # Panics
    ///
    /// Panics if the numbers of positions differ.
    pub fn word_loss(&self, deep: Tensor<2>, targets: Tensor<1, Int>, smoothing: f64) -> WordLoss {
        let layer = match self {
            Self::Global(model) => &model.out,
            Self::Attention(model) => &model.out,
        };
        linear_cross_entropy(deep, layer, targets, smoothing)
    }
}

/// `[batch, 1, d]` to `[batch, d]`.
fn one_location(features: Tensor<3>) -> Tensor<2> {
    features.squeeze_dim(1)
}
