use burn::{
    lr_scheduler::{
        constant::ConstantLr,
        module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler},
    },
    module::{Module, ParamGroup},
    nn::Linear,
    tensor::{Device, Int, Tensor},
};
use frame_features::VggTail;

use super::{
    attention::AttentionCaptioner,
    attention_state::{Attention, AttentionState},
    global::GlobalCaptioner,
    hard::Draws,
    lstm::LstmState,
    network_config::NetworkConfig,
};
use crate::{
    finetune::FineTuned,
    ops::{WordLoss, linear_cross_entropy},
};

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
            Self::FineTuned(config) => config.init(device),
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
pub enum Network {
    /// Show and Tell.
    Global(GlobalCaptioner),
    /// Show, Attend and Tell.
    Attention(AttentionCaptioner),
    /// Show and Tell over blocks of the encoder that are trained along.
    FineTunedGlobal(FineTuned<GlobalCaptioner>),
    /// Show, Attend and Tell over blocks of the encoder that are trained along.
    FineTunedAttention(FineTuned<AttentionCaptioner>),
}

/// A captioner of a [`Network`].
enum Captioner<'a> {
    Global(&'a GlobalCaptioner),
    Attention(&'a AttentionCaptioner),
}

/// What training sees of a pass over known words.
pub(crate) struct Forward {
    /// What [`Network::word_loss`] takes, `[batch, time, d]`.
    pub(crate) deep: Tensor<3>,
    /// Where attention looked.
    pub(crate) attention: Option<Attention>,
    /// `log α` of the locations that were drawn, `[batch, time]`, where they were.
    pub(crate) log_drawn: Option<Tensor<2>>,
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
        let features = self.encode(features);
        match self.captioner() {
            Captioner::Global(model) => (model.forward(one_location(features), words), None),
            Captioner::Attention(model) => {
                let (deep, attention) = model.forward(features, words);
                (deep, Some(attention))
            }
        }
    }

    /// As [`forward`](Self::forward), for several comments on each of few pictures: the encoder's blocks, if there are any, and what
    /// attention makes of a picture alone are computed once a picture.
    ///
    /// # Shapes
    ///
    /// - `features`: `[pictures, locations, d_features]`
    /// - `picture_of`: `[batch]`, the picture of each comment
    /// - `words`: `[batch, time]`
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    pub(crate) fn forward_shared(
        &self,
        features: Tensor<3>,
        picture_of: Tensor<1, Int>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Option<Attention>) {
        let features = self.encode(features);
        match self.captioner() {
            Captioner::Global(model) => {
                let deep = model.forward_shared(one_location(features), picture_of, words);
                (deep, None)
            }
            Captioner::Attention(model) => {
                let (deep, attention) = model.forward_shared(features, picture_of, words);
                (deep, Some(attention))
            }
        }
    }

    /// As [`forward`](Self::forward), as it is trained: attention sees the expectation, or locations drawn where there are `draws`.
    pub(crate) fn forward_training(
        &self,
        features: Tensor<3>,
        words: Tensor<2, Int>,
        draws: Option<&Draws>,
    ) -> Forward {
        let features = self.encode(features);
        let (deep, attention, log_drawn) = match (self.captioner(), draws) {
            (Captioner::Global(model), _) => {
                let deep = model.forward(one_location(features), words);
                (deep, None, None)
            }
            (Captioner::Attention(model), None) => {
                let (deep, attention) = model.forward_expected(features, words);
                (deep, Some(attention), None)
            }
            (Captioner::Attention(model), Some(draws)) => {
                let (deep, attention, log) = model.forward_drawn(features, words, draws);
                (deep, Some(attention), Some(log))
            }
        };
        Forward {
            deep,
            attention,
            log_drawn,
        }
    }

    /// The state before the first word.
    ///
    /// # Panics
    ///
    /// Panics if `features` is not `[batch, locations, d_features]` of the configuration.
    pub fn start(&self, features: Tensor<3>) -> NetworkState {
        let features = self.encode(features);
        match self.captioner() {
            Captioner::Global(model) => NetworkState::Global(model.start(one_location(features))),
            Captioner::Attention(model) => NetworkState::Attention(model.start(features)),
        }
    }

    /// Reads one word of each comment, `[batch]`.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ or the state is another network's.
    pub fn step(&self, words: Tensor<1, Int>, state: NetworkState) -> NetworkStep {
        match (self.captioner(), state) {
            (Captioner::Global(model), NetworkState::Global(state)) => {
                let (deep, state) = model.step(words, state);
                NetworkStep {
                    deep,
                    weights: None,
                    gate: None,
                    state: NetworkState::Global(state),
                }
            }
            (Captioner::Attention(model), NetworkState::Attention(state)) => {
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
        match self.captioner() {
            Captioner::Global(model) => model.logits(deep),
            Captioner::Attention(model) => model.logits(deep),
        }
    }

    /// What `targets` cost after `deep`, `[positions, d]`; see [`linear_cross_entropy`].
    ///
    /// # Panics
    ///
    /// Panics if the numbers of positions differ.
    pub fn word_loss(&self, deep: Tensor<2>, targets: Tensor<1, Int>, smoothing: f64) -> WordLoss {
        linear_cross_entropy(deep, self.word_layer(), targets, smoothing)
    }

    /// Whether it weighs locations.
    pub(crate) fn has_attention(&self) -> bool {
        matches!(self.captioner(), Captioner::Attention(_))
    }

    /// Number of words, special ones included.
    pub(crate) fn num_words(&self) -> usize {
        let [_, words] = self.word_layer().weight.dims();
        words
    }

    /// The blocks of the encoder that are trained along, if there are any.
    pub(crate) fn tail(&self) -> Option<&VggTail> {
        match self {
            Self::Global(_) | Self::Attention(_) => None,
            Self::FineTunedGlobal(network) => Some(&network.tail),
            Self::FineTunedAttention(network) => Some(&network.tail),
        }
    }

    /// Learning rates of its parts; `share` is what an encoder's blocks have of the captioner's.
    pub(crate) fn rates(&self, rate: f64, share: f64) -> ModuleLearningRate {
        match self.tail() {
            None => rate.into(),
            Some(tail) => ModuleLrScheduler::new(ConstantLr::new(rate))
                .with_group(
                    ParamGroup::ids_from_module(tail.clone()),
                    ConstantLr::new(rate * share),
                )
                .step(),
        }
    }

    fn captioner(&self) -> Captioner<'_> {
        match self {
            Self::Global(model) => Captioner::Global(model),
            Self::Attention(model) => Captioner::Attention(model),
            Self::FineTunedGlobal(network) => Captioner::Global(&network.captioner),
            Self::FineTunedAttention(network) => Captioner::Attention(&network.captioner),
        }
    }

    /// What the captioner reads, of what a store holds.
    fn encode(&self, features: Tensor<3>) -> Tensor<3> {
        match self.tail() {
            None => features,
            Some(tail) => tail.forward(features),
        }
    }

    pub(crate) fn word_layer(&self) -> &Linear {
        match self.captioner() {
            Captioner::Global(model) => &model.out,
            Captioner::Attention(model) => &model.out,
        }
    }
}

/// `[batch, 1, d]` to `[batch, d]`.
fn one_location(features: Tensor<3>) -> Tensor<2> {
    features.squeeze_dim(1)
}
