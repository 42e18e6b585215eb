//! Show, Attend and Tell: Xu et al., "Show, Attend and Tell: Neural Image Caption Generation with Visual Attention"
//! (ICML 2015), with soft attention (section 4.2).

use burn::{
    config::Config,
    module::Module,
    nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig},
    tensor::{Device, Int, Tensor, activation},
};

use super::lstm::{Lstm, LstmConfig, LstmState};
use crate::ops::attend;

/// Configuration of [`AttentionCaptioner`]; [`init`](AttentionCaptionerConfig::init) makes the model.
#[derive(Config, Debug, PartialEq)]
pub struct AttentionCaptionerConfig {
    /// Number of words, special ones included.
    pub num_words: usize,
    /// Size of an annotation vector, `D`: 512 for conv5_3 of VGG-19.
    pub d_annotation: usize,
    /// Size of a word vector and of the deep output, `m`.
    #[config(default = 256)]
    pub d_embedding: usize,
    /// Size of the LSTM, `n`.
    #[config(default = 256)]
    pub d_hidden: usize,
    /// Size of the layer that scores a location, `k`.
    #[config(default = 256)]
    pub d_attention: usize,
    /// Probability with which training drops a component of the word vectors and of the deep output.
    #[config(default = 0.0)]
    pub dropout: f64,
}

impl AttentionCaptionerConfig {
    /// Makes the model with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    pub fn init(&self, device: &Device) -> AttentionCaptioner {
        let (d, m, n, k) = (
            self.d_annotation,
            self.d_embedding,
            self.d_hidden,
            self.d_attention,
        );
        AttentionCaptioner {
            embed: EmbeddingConfig::new(self.num_words, m)
                .with_initializer(burn::nn::Initializer::Uniform {
                    min: -0.1,
                    max: 0.1,
                })
                .init(device),
            init_h: LinearConfig::new(d, n).init(device),
            init_c: LinearConfig::new(d, n).init(device),
            att_f: LinearConfig::new(d, k).init(device),
            att_h: LinearConfig::new(n, k).with_bias(false).init(device),
            att_v: LinearConfig::new(k, 1).init(device),
            beta: LinearConfig::new(n, 1).init(device),
            cell: LstmConfig::new(m + d, n).init(device),
            deep_h: LinearConfig::new(n, m).init(device),
            deep_z: LinearConfig::new(d, m).with_bias(false).init(device),
            out: LinearConfig::new(m, self.num_words).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }
}

/// The captioner of Show, Attend and Tell: soft attention, gated context, deep output.
///
/// A picture is `L` annotation vectors; before each word the model weighs them by its previous state.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(100, 64).init(&device);
/// let words = Tensor::from_ints([[1, 42, 7]], &device); // <bos> w1 w2
/// let (deep, attention) = model.forward(Tensor::ones([1, 196, 64], &device), words);
/// assert_eq!(attention.weights.dims(), [1, 3, 196]);
/// assert_eq!(model.logits(deep.reshape([3, -1])).dims(), [3, 100]);
/// ```
#[derive(Module, Debug)]
pub struct AttentionCaptioner {
    /// Word vectors `E`, `[num_words, d_embedding]`.
    pub embed: Embedding,
    /// First hidden state from the mean annotation, `W_h0`.
    pub init_h: Linear,
    /// First cell state from the mean annotation, `W_c0`.
    pub init_c: Linear,
    /// Scores: from an annotation, `W_a`.
    pub att_f: Linear,
    /// Scores: from the hidden state, `W_u`, no bias.
    pub att_h: Linear,
    /// Scores: to a number, `w_v`.
    pub att_v: Linear,
    /// Gate of the context vector, `w_β`.
    pub beta: Linear,
    /// The recurrent layer; reads the word vector and the context vector.
    pub cell: Lstm,
    /// Deep output: from the hidden state, `W_p`.
    pub deep_h: Linear,
    /// Deep output: from the context vector, `W_z`, no bias.
    pub deep_z: Linear,
    /// The word layer, `W_o`.
    pub out: Linear,
    dropout: Dropout,
}

/// Where an [`AttentionCaptioner`] looked before each word.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let words = Tensor::from_ints([[1, 4, 5]], &device);
/// let (_, attention) = model.forward(Tensor::ones([1, 4, 8], &device), words);
/// assert_eq!(attention.gates.dims(), [1, 3]);
/// ```
#[derive(Clone, Debug)]
pub struct Attention {
    /// Attention weights `α`, `[batch, time, locations]`; each row sums to one.
    pub weights: Tensor<3>,
    /// Gates `β` of the context vectors, `[batch, time]`, 0 to 1.
    pub gates: Tensor<2>,
}

/// What an [`AttentionCaptioner`] carries from word to word.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let state = model.start(Tensor::ones([1, 4, 8], &device));
/// assert_eq!(state.lstm.hidden.dims(), [1, 256]);
/// ```
#[derive(Clone, Debug)]
pub struct AttentionState {
    /// State of the LSTM.
    pub lstm: LstmState,
    annotations: Tensor<3>,
    keys: Tensor<3>,
}

impl AttentionState {
    /// The rows of the batch with these indices.
    pub(crate) fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            lstm: self.lstm.select(rows.clone()),
            annotations: self.annotations.select(0, rows.clone()),
            keys: self.keys.select(0, rows),
        }
    }
}

/// One step of an [`AttentionCaptioner`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let state = model.start(Tensor::ones([1, 4, 8], &device));
/// let step = model.step(Tensor::from_ints([1], &device), state);
/// assert_eq!(step.weights.sum().into_scalar::<f32>(), 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct AttentionStep {
    /// What [`AttentionCaptioner::logits`] takes, `[batch, d_embedding]`.
    pub deep: Tensor<2>,
    /// Attention weights `α`, `[batch, locations]`; each row sums to one.
    pub weights: Tensor<2>,
    /// Gate `β` of the context vector, `[batch, 1]`, 0 to 1.
    pub gate: Tensor<2>,
    /// The state for the next word.
    pub state: AttentionState,
}

impl AttentionCaptioner {
    /// Runs over known words (teacher forcing); returns what [`logits`](Self::logits) takes and the attention weights.
    ///
    /// # Shapes
    ///
    /// - `annotations`: `[batch, locations, d_annotation]`, locations row by row
    /// - `words`: `[batch, time]`, the words read, `<bos>` first
    /// - returned: `[batch, time, d_embedding]` and what was looked at
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    pub fn forward(&self, annotations: Tensor<3>, words: Tensor<2, Int>) -> (Tensor<3>, Attention) {
        let [_, time] = words.dims();
        let mut state = self.start(annotations);
        let embedded = self.dropout.forward(self.embed.forward(words));
        let steps = || Vec::with_capacity(time);
        let (mut deep, mut weights, mut gates) = (steps(), steps(), steps());
        for word in embedded.chunk(time, 1) {
            let step = self.step_embedded(word.squeeze_dim(1), state);
            state = step.state;
            deep.push(step.deep);
            weights.push(step.weights);
            gates.push(step.gate);
        }
        let attention = Attention {
            weights: Tensor::stack(weights, 1),
            gates: Tensor::cat(gates, 1),
        };
        (Tensor::stack(deep, 1), attention)
    }

    /// The state before the first word: `h₀ = tanh(W_h0 ā + b)`, `c₀ = tanh(W_c0 ā + b)`, `ā` the mean annotation.
    ///
    /// # Panics
    ///
    /// Panics if `annotations` is not `[batch, locations, d_annotation]`.
    pub fn start(&self, annotations: Tensor<3>) -> AttentionState {
        let mean = annotations.clone().mean_dim(1).squeeze_dim::<2>(1);
        AttentionState {
            lstm: LstmState {
                hidden: self.init_h.forward(mean.clone()).tanh(),
                cell: self.init_c.forward(mean).tanh(),
            },
            keys: self.att_f.forward(annotations.clone()),
            annotations,
        }
    }

    /// Looks at the picture and reads one word, `[batch]`.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ.
    pub fn step(&self, words: Tensor<1, Int>, state: AttentionState) -> AttentionStep {
        let [batch] = words.dims();
        let embedded = self.embed.forward(words.reshape([batch, 1])).squeeze_dim(1);
        self.step_embedded(embedded, state)
    }

    /// Equations 4, 5, 13 and 14 of the paper, then the LSTM and the deep output (equation 7).
    fn step_embedded(&self, embedded: Tensor<2>, state: AttentionState) -> AttentionStep {
        let AttentionState {
            lstm,
            annotations,
            keys,
        } = state;
        let query = self.att_h.forward(lstm.hidden.clone());
        let (mean, weights) = attend(keys.clone(), query, &self.att_v, annotations.clone());
        let gate = activation::sigmoid(self.beta.forward(lstm.hidden.clone()));
        let context = gate.clone() * mean;
        let lstm = self.cell.step(
            Tensor::cat(vec![embedded.clone(), context.clone()], 1),
            lstm,
        );
        let deep =
            self.deep_h.forward(lstm.hidden.clone()) + self.deep_z.forward(context) + embedded;
        AttentionStep {
            deep: self.dropout.forward(deep.tanh()),
            weights,
            gate,
            state: AttentionState {
                lstm,
                annotations,
                keys,
            },
        }
    }

    /// The word layer: `[positions, d_embedding]` to `[positions, num_words]`.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    pub fn logits(&self, deep: Tensor<2>) -> Tensor<2> {
        self.out.forward(deep)
    }
}
