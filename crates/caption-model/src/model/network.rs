use burn::{
    lr_scheduler::{
        constant::ConstantLr,
        module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler},
    },
    module::{Module, ParamGroup},
    nn::Linear,
    tensor::{Device, Int, Tensor},
};
use burn_fused::{CrossEntropy, linear_cross_entropy};
use frame_features::VggTail;

use super::{
    attention::AttentionCaptioner,
    attention_state::{Attention, AttentionState},
    global::GlobalCaptioner,
    hard::LocationSamples,
    lstm::LstmState,
    network_config::{CaptionerConfig, NetworkConfig},
};

impl CaptionerConfig {
    /// Makes the captioner with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    #[must_use]
    pub fn init(&self, device: &Device) -> CaptionerNetwork {
        match self {
            Self::Global(config) => CaptionerNetwork::Global(config.init(device)),
            Self::Attention(config) => CaptionerNetwork::Attention(config.init(device)),
        }
    }
}

impl NetworkConfig {
    /// Makes the network with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    #[must_use]
    pub fn init(&self, device: &Device) -> Network {
        Network {
            tail: self.tail.as_ref().map(|tail| tail.init(device)),
            captioner: self.captioner.init(device),
        }
    }
}

/// A captioner, with the encoder's last blocks where they are trained along: one set of methods for
/// training and generation.
///
/// Features always come as `[batch, locations, d_features]`; the global captioner has one location.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::{GlobalCaptionerConfig, NetworkConfig};
///
/// let device = Device::flex();
/// let network = NetworkConfig::from(GlobalCaptionerConfig::new(50, 16)).init(&device);
/// let state = network.start(Tensor::zeros([3, 1, 16], &device));
/// let step = network.step(Tensor::from_ints([1, 1, 1], &device), state);
/// assert_eq!(network.logits(step.pre_logits).dims(), [3, 50]);
/// ```
#[derive(Module, Debug)]
pub struct Network {
    /// The encoder's blocks that are trained along, if there are any.
    pub tail: Option<VggTail>,
    /// What reads the features, or the output of those blocks.
    pub captioner: CaptionerNetwork,
}

/// A captioner of either kind.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "few of them exist at a time, and boxes would hide the models"
)]
pub enum CaptionerNetwork {
    /// Show and Tell.
    Global(GlobalCaptioner),
    /// Show, Attend and Tell.
    Attention(AttentionCaptioner),
}

impl CaptionerNetwork {
    /// The same weights, trained with another probability of dropout.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use caption_model::{CaptionerConfig, GlobalCaptionerConfig, Network};
    ///
    /// let device = Device::flex().autodiff();
    /// let config = CaptionerConfig::from(GlobalCaptionerConfig::new(50, 16).with_dropout(0.9));
    /// let network = Network::from(config.init(&device).with_dropout(0.0));
    /// let forward = || {
    ///     let words = Tensor::from_ints([[1, 42, 7]], &device);
    ///     network.forward(Tensor::ones([1, 1, 16], &device), words).0
    /// };
    /// let difference = forward() - forward(); // nothing is drawn
    /// assert_eq!(difference.abs().max().into_scalar::<f32>(), 0.0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is not in `0.0..1.0`.
    #[must_use]
    pub fn with_dropout(mut self, dropout: f64) -> Self {
        assert!(
            (0.0..1.0).contains(&dropout),
            "dropout is {dropout}, expected 0 or more and less than 1"
        );
        match &mut self {
            Self::Global(model) => model.set_dropout(dropout),
            Self::Attention(model) => model.set_dropout(dropout),
        }
        self
    }
}

impl From<CaptionerNetwork> for Network {
    fn from(captioner: CaptionerNetwork) -> Self {
        Self {
            tail: None,
            captioner,
        }
    }
}

/// Output of a forward pass in training.
#[derive(Debug)]
pub struct TrainingPass {
    /// What [`Network::word_loss`] takes, `[batch, time, d]`.
    pub pre_logits: Tensor<3>,
    /// Where attention looked.
    pub attention: Option<Attention>,
    /// `log α` of the locations that were drawn, `[batch, time]`, where they were.
    pub log_drawn: Option<Tensor<2>>,
}

/// Recurrent state of a [`Network`] between words; made by [`Network::start`].
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
    pub pre_logits: Tensor<2>,
    /// Attention weights, `[batch, locations]`, where there is attention.
    pub weights: Option<Tensor<2>>,
    /// Gates of the context vectors `[batch, 1]`, where there is attention.
    pub gate: Option<Tensor<2>>,
    /// The state for the next word.
    pub state: NetworkState,
}

impl Network {
    /// Forward pass over known words (teacher forcing).
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, locations, d_features]`
    /// - `words`: `[batch, time]`, the words read, `<bos>` first
    /// - returned: what [`logits`](Self::logits) takes, `[batch, time, d]`, and where attention
    ///   looked
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn forward(
        &self,
        features: Tensor<3>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Option<Attention>) {
        let features = self.encode(features);
        match &self.captioner {
            CaptionerNetwork::Global(model) => (model.forward(one_location(features), words), None),
            CaptionerNetwork::Attention(model) => {
                let (pre_logits, attention) = model.forward(features, words);
                (pre_logits, Some(attention))
            }
        }
    }

    /// As [`forward`](Self::forward), for several comments on each of few pictures: the encoder's
    /// blocks, if there are any, and what attention makes of a picture alone are computed once a
    /// picture.
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
    #[must_use]
    pub fn forward_gathered(
        &self,
        features: Tensor<3>,
        picture_of: Tensor<1, Int>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Option<Attention>) {
        let features = self.encode(features);
        match &self.captioner {
            CaptionerNetwork::Global(model) => {
                let pre_logits = model.forward_gathered(one_location(features), picture_of, words);
                (pre_logits, None)
            }
            CaptionerNetwork::Attention(model) => {
                let (pre_logits, attention) = model.forward_gathered(features, picture_of, words);
                (pre_logits, Some(attention))
            }
        }
    }

    /// As [`forward`](Self::forward), as it is trained: attention sees the expectation, or
    /// locations drawn where there are `draws`.
    #[must_use]
    pub fn forward_training(
        &self,
        features: Tensor<3>,
        words: Tensor<2, Int>,
        draws: Option<&LocationSamples>,
    ) -> TrainingPass {
        let features = self.encode(features);
        let (pre_logits, attention, log_drawn) = match (&self.captioner, draws) {
            (CaptionerNetwork::Global(model), _) => {
                let pre_logits = model.forward(one_location(features), words);
                (pre_logits, None, None)
            }
            (CaptionerNetwork::Attention(model), None) => {
                let (pre_logits, attention) = model.forward_expected(features, words);
                (pre_logits, Some(attention), None)
            }
            (CaptionerNetwork::Attention(model), Some(draws)) => {
                let (pre_logits, attention, log) = model.forward_sampled(features, words, draws);
                (pre_logits, Some(attention), Some(log))
            }
        };
        TrainingPass {
            pre_logits,
            attention,
            log_drawn,
        }
    }

    /// Initial state.
    ///
    /// # Panics
    ///
    /// Panics if `features` is not `[batch, locations, d_features]` of the configuration.
    #[must_use]
    pub fn start(&self, features: Tensor<3>) -> NetworkState {
        let features = self.encode(features);
        match &self.captioner {
            CaptionerNetwork::Global(model) => {
                NetworkState::Global(model.start(one_location(features)))
            }
            CaptionerNetwork::Attention(model) => NetworkState::Attention(model.start(features)),
        }
    }

    /// One step: reads one word of each comment, `[batch]`.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ or the state is another network's.
    #[must_use]
    pub fn step(&self, words: Tensor<1, Int>, state: NetworkState) -> NetworkStep {
        match (&self.captioner, state) {
            (CaptionerNetwork::Global(model), NetworkState::Global(state)) => {
                let (pre_logits, state) = model.step(words, state);
                NetworkStep {
                    pre_logits,
                    weights: None,
                    gate: None,
                    state: NetworkState::Global(state),
                }
            }
            (CaptionerNetwork::Attention(model), NetworkState::Attention(state)) => {
                let step = model.step(words, state);
                NetworkStep {
                    pre_logits: step.pre_logits,
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
    #[must_use]
    pub fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2> {
        match &self.captioner {
            CaptionerNetwork::Global(model) => model.logits(pre_logits),
            CaptionerNetwork::Attention(model) => model.logits(pre_logits),
        }
    }

    /// Cross entropy of `targets` after `pre_logits`, `[positions, d]`; see
    /// [`linear_cross_entropy`].
    ///
    /// # Panics
    ///
    /// Panics if the numbers of positions differ.
    #[must_use]
    pub fn word_loss(
        &self,
        pre_logits: Tensor<2>,
        targets: Tensor<1, Int>,
        smoothing: f64,
    ) -> CrossEntropy {
        linear_cross_entropy(pre_logits, self.word_layer(), targets, smoothing)
    }

    /// Cross entropy of each counted target of a batch under teacher forcing: `pre_logits` is
    /// `[batch, time, d]`, `positions` say where in `[batch * time]` the `targets` stand.
    ///
    /// # Panics
    ///
    /// Panics if there are not as many positions as targets, or one lies outside.
    #[must_use]
    pub fn target_loss(
        &self,
        pre_logits: Tensor<3>,
        positions: Tensor<1, Int>,
        targets: Tensor<1, Int>,
        smoothing: f64,
    ) -> CrossEntropy {
        let [size, time, d] = pre_logits.dims();
        let counted = pre_logits.reshape([size * time, d]).select(0, positions);
        self.word_loss(counted, targets, smoothing)
    }

    /// Whether the captioner has attention.
    #[must_use]
    pub fn has_attention(&self) -> bool {
        matches!(self.captioner, CaptionerNetwork::Attention(_))
    }

    /// Number of words, special ones included.
    #[must_use]
    pub fn num_words(&self) -> usize {
        let [_, words] = self.word_layer().weight.dims();
        words
    }

    /// Learning rates of its parts; `share` is what an encoder's blocks have of the captioner's.
    #[must_use]
    pub fn rates(&self, rate: f64, share: f64) -> ModuleLearningRate {
        match &self.tail {
            None => rate.into(),
            Some(tail) => ModuleLrScheduler::new(ConstantLr::new(rate))
                .with_group(
                    ParamGroup::ids_from_module(tail.clone()),
                    ConstantLr::new(rate * share),
                )
                .step(),
        }
    }

    /// What the captioner reads, of what a store holds.
    fn encode(&self, features: Tensor<3>) -> Tensor<3> {
        match &self.tail {
            None => features,
            Some(tail) => tail.forward(features),
        }
    }

    /// The word layer, the last linear layer.
    #[must_use]
    pub fn word_layer(&self) -> &Linear {
        match &self.captioner {
            CaptionerNetwork::Global(model) => &model.out,
            CaptionerNetwork::Attention(model) => &model.out,
        }
    }
}

/// `[batch, 1, d]` to `[batch, d]`.
fn one_location(features: Tensor<3>) -> Tensor<2> {
    features.squeeze_dim(1)
}
