//! Show and Tell: Vinyals, Toshev, Bengio, Erhan, "Show and Tell: A Neural Image Caption Generator"
//! (CVPR 2015).
//!
//! The picture is one vector `v`, shown to the LSTM once, as the step before the first word
//! (equations 10 to 12):
//!
//! - step −1 reads `W_img v + b_img` from a state of zeros; its output is discarded,
//! - step `t` reads `E y_t`, the vector of the word before, `<bos>` first,
//! - `logits = W_o tanh(W_p h + b_p) + b_o`: the original experiment's two layers in place of the
//!   paper's one.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig},
    tensor::{Device, Int, Tensor, activation},
};

use super::{
    config::GlobalCaptionerConfig,
    lstm::{Lstm, LstmConfig, LstmState},
    variants::FirstInput,
};
use burn_fused::linear;

use crate::files::{layer, matrix, sum};

impl GlobalCaptionerConfig {
    /// Numbers of the weights.
    pub(super) fn num_weights(&self) -> u128 {
        sum([
            matrix(self.num_words, self.d_embedding),
            layer(self.d_features, self.d_embedding),
            LstmConfig::new(self.d_embedding, self.d_hidden).num_weights(),
            layer(self.d_hidden, self.d_hidden),
            layer(self.d_hidden, self.num_words),
        ])
    }

    /// Makes the model with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    #[must_use]
    pub fn init(&self, device: &Device) -> GlobalCaptioner {
        GlobalCaptioner {
            embed: EmbeddingConfig::new(self.num_words, self.d_embedding)
                .with_initializer(burn::nn::Initializer::Uniform {
                    min: -0.1,
                    max: 0.1,
                })
                .init(device),
            image: LinearConfig::new(self.d_features, self.d_embedding).init(device),
            lstm: LstmConfig::new(self.d_embedding, self.d_hidden).init(device),
            mlp: LinearConfig::new(self.d_hidden, self.d_hidden).init(device),
            out: LinearConfig::new(self.d_hidden, self.num_words).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            pre_logits_tanh: self.pre_logits_tanh,
            first_input: self.first_input,
        }
    }
}

/// The captioner of Show and Tell with a two-layer word predictor.
///
/// Step −1 reads `W_img v + b_img` and its output is discarded; step `t` reads the vector of word
/// `t` and predicts word `t + 1`: `logits = W_o tanh(W_p h + b_p) + b_o`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::GlobalCaptionerConfig;
///
/// let device = Device::flex();
/// let model = GlobalCaptionerConfig::new(100, 512).init(&device);
/// let words = Tensor::from_ints([[1, 42, 7], [1, 5, 2]], &device); // <bos> w1 w2
/// let pre_logits = model.forward(Tensor::zeros([2, 512], &device), words);
/// assert_eq!(model.logits(pre_logits.reshape([6, -1])).dims(), [6, 100]);
/// ```
///
/// Weights that PyTorch trained come in by Burn's own reader, which knows tensors and no code and
/// turns linear layers over; an attention captioner's do as well, with `cell` for its LSTM. A
/// [`Captioner`](crate::Captioner) is then put together from the network and its vocabulary:
///
/// ```no_run
/// use burn::tensor::Device;
/// use burn_store::{ModuleSnapshot, PytorchStore};
/// use caption_model::{CaptionerNetwork, GlobalCaptionerConfig, Network};
///
/// let mut model = GlobalCaptionerConfig::new(30_000, 4096).init(&Device::flex());
/// // embed, image, mlp and out are called alike; PyTorch's LSTM has four tensors in one place.
/// let mut weights = PytorchStore::from_file("captioner.pt")
///     .with_key_remapping(r"^lstm\.(weight|bias)_ih_l0$", "lstm.input.$1")
///     .with_key_remapping(r"^lstm\.(weight|bias)_hh_l0$", "lstm.hidden.$1");
/// model.load_from(&mut weights)?;
/// let network = Network::from(CaptionerNetwork::Global(model));
/// # let _ = network;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct GlobalCaptioner {
    /// Word vectors `E`, `[num_words, d_embedding]`.
    pub embed: Embedding,
    /// From the picture's vector to the LSTM's first input.
    pub image: Linear,
    /// The recurrent layer.
    pub lstm: Lstm,
    /// First layer of the word predictor, `W_p`.
    pub mlp: Linear,
    /// Second layer of the word predictor, `W_o`.
    pub out: Linear,
    dropout: Dropout,
    pre_logits_tanh: bool,
    #[module(skip)]
    first_input: FirstInput,
}

impl GlobalCaptioner {
    /// Forward pass over known words (teacher forcing): returns what [`logits`](Self::logits)
    /// takes, so that a caller can leave out the padded positions before the expensive word layer.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, d_features]`
    /// - `words`: `[batch, time]`, the words read, `<bos>` first
    /// - returned: `[batch, time, d_hidden]`
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn forward(&self, features: Tensor<2>, words: Tensor<2, Int>) -> Tensor<3> {
        self.read(self.start(features), words)
    }

    /// As [`forward`](Self::forward), for several comments on each of few pictures: comment `i` is
    /// on picture `picture_of[i]`.
    pub(crate) fn forward_gathered(
        &self,
        features: Tensor<2>,
        picture_of: Tensor<1, Int>,
        words: Tensor<2, Int>,
    ) -> Tensor<3> {
        self.read(self.start(features).select(picture_of), words)
    }

    /// Reads known words after the picture.
    fn read(&self, mut state: LstmState, words: Tensor<2, Int>) -> Tensor<3> {
        let [batch, time] = words.dims();
        let [_, gates] = self.lstm.hidden.weight.dims();
        let embedded = self
            .dropout
            .forward(self.first_input.embed(&self.embed, words));
        let projected = linear(&self.lstm.input, embedded.swap_dims(0, 1)); // [time, batch, 4n]
        let outputs = projected
            .chunk(time, 0)
            .into_iter()
            .map(|input| {
                state = self
                    .lstm
                    .step_projected(input.reshape([batch, gates]), state.clone());
                state.hidden.clone()
            })
            .collect();
        self.pre_logits(Tensor::stack(outputs, 1))
    }

    /// Initial state, after the picture has been shown.
    ///
    /// # Panics
    ///
    /// Panics if `features` is not `[batch, d_features]`.
    #[must_use]
    pub fn start(&self, features: Tensor<2>) -> LstmState {
        let [batch, _] = features.dims();
        let [d_hidden, _] = self.lstm.hidden.weight.dims();
        let state = LstmState::zeros(batch, d_hidden, &features.device()).cast(features.dtype());
        self.lstm.step(linear(&self.image, features), state)
    }

    /// One step: reads one word, `[batch]`, and returns the new state with what
    /// [`logits`](Self::logits) takes.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ.
    #[must_use]
    pub fn step(&self, words: Tensor<1, Int>, state: LstmState) -> (Tensor<2>, LstmState) {
        let [batch] = words.dims();
        let words = words.reshape([batch, 1]);
        let embedded = self.first_input.embed(&self.embed, words).squeeze_dim(1);
        let state = self.lstm.step(embedded, state);
        (self.pre_logits(state.hidden.clone()), state)
    }

    /// The word layer: `[positions, d_hidden]` to `[positions, num_words]`.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2> {
        self.out.forward(pre_logits)
    }

    pub(super) fn set_dropout(&mut self, probability: f64) {
        self.dropout.prob = probability;
    }

    fn pre_logits<const D: usize>(&self, hidden: Tensor<D>) -> Tensor<D> {
        let pre_logits = linear(&self.mlp, self.dropout.forward(hidden));
        if self.pre_logits_tanh {
            activation::tanh(pre_logits)
        } else {
            pre_logits
        }
    }
}
