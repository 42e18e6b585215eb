//! Show, Attend and Tell: Xu et al., "Show, Attend and Tell: Neural Image Caption Generation with
//! Visual Attention" (ICML 2015), with soft attention (section 4.2); hard attention's part is in
//! `hard.rs`.
//!
//! A picture is `L` annotations `a_i` with mean `ā`. Before word `t`, from the state `h` of the
//! word before:
//!
//! - `e_i = w_v · tanh(W_a a_i + b_a + W_u h) + b_v`, `α = softmax(e)` (equations 4 and 5),
//! - `z = β Σ α_i a_i` with `β = σ(w_β h + b_β)` (equation 13, section 4.2.1),
//! - `(h, c) ← LSTM([E y; z], h, c)` from `h₀ = tanh(W_h0 ā + b)`, `c₀ = tanh(W_c0 ā + b)`
//!   (equations 1 to 3),
//! - `logits = W_o tanh(W_p h + b_p + W_z z + E y) + b_o` (equation 7, with a tanh).

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig},
    tensor::{Device, Int, Tensor, activation},
};

use super::{
    attention_state::{Attention, AttentionState, AttentionStep},
    config::AttentionCaptionerConfig,
    hard::{LocationSamples, StepAttention},
    lstm::{Lstm, LstmConfig, LstmState},
    variants::{AttentionInference, FirstInput, InitialState},
};
use burn_fused::{additive_attention, linear};

use crate::files::{layer, matrix, sum};

impl AttentionCaptionerConfig {
    /// Numbers of the weights.
    pub(super) fn num_weights(&self) -> u128 {
        let (d, m, n, k) = (
            self.d_annotation,
            self.d_embedding,
            self.d_hidden,
            self.d_attention,
        );
        let two_layers = self.initial_state == InitialState::TwoLayers;
        sum([
            matrix(self.num_words, m),
            if two_layers { layer(d, d) } else { 0 },
            layer(d, n).saturating_mul(2),
            layer(d, k),
            matrix(n, k),
            layer(k, 1),
            if self.gate { layer(n, 1) } else { 0 },
            LstmConfig::new(m.saturating_add(d), n).num_weights(),
            layer(n, m),
            matrix(d, m),
            layer(m, self.num_words),
        ])
    }

    /// Makes the model with random weights; `device.seed` before makes them repeat.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `0.0..1.0`.
    #[must_use]
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
            init_mean: (self.initial_state == InitialState::TwoLayers)
                .then(|| LinearConfig::new(d, d).init(device)),
            init_h: LinearConfig::new(d, n).init(device),
            init_c: LinearConfig::new(d, n).init(device),
            att_f: LinearConfig::new(d, k).init(device),
            att_h: LinearConfig::new(n, k).with_bias(false).init(device),
            att_v: LinearConfig::new(k, 1).init(device),
            beta: self.gate.then(|| LinearConfig::new(n, 1).init(device)),
            cell: LstmConfig::new(m + d, n).init(device),
            deep_h: LinearConfig::new(n, m).init(device),
            deep_z: LinearConfig::new(d, m).with_bias(false).init(device),
            out: LinearConfig::new(m, self.num_words).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            pre_logits_tanh: self.pre_logits_tanh,
            first_input: self.first_input,
            initial_state: self.initial_state,
            inference: self.inference,
        }
    }
}

/// The captioner of Show, Attend and Tell: additive attention, gated context vector, deep output.
///
/// A picture is `L` annotation vectors; before each word the model weighs them by its previous
/// state.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(100, 64).init(&device);
/// let words = Tensor::from_ints([[1, 42, 7]], &device); // <bos> w1 w2
/// let (pre_logits, attention) = model.forward(Tensor::ones([1, 196, 64], &device), words);
/// assert_eq!(attention.weights.dims(), [1, 3, 196]);
/// assert_eq!(model.logits(pre_logits.reshape([3, -1])).dims(), [3, 100]);
/// ```
#[derive(Module, Debug)]
pub struct AttentionCaptioner {
    /// Word vectors `E`, `[num_words, d_embedding]`.
    pub embed: Embedding,
    /// What the mean annotation goes through first, `W_m`, where the first state has two layers.
    pub init_mean: Option<Linear>,
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
    /// Gate of the context vector, `w_β`, where there is one.
    pub beta: Option<Linear>,
    /// The recurrent layer; reads the word vector and the context vector.
    pub cell: Lstm,
    /// Deep output: from the hidden state, `W_p`.
    pub deep_h: Linear,
    /// Deep output: from the context vector, `W_z`, no bias.
    pub deep_z: Linear,
    /// The word layer, `W_o`.
    pub out: Linear,
    dropout: Dropout,
    pre_logits_tanh: bool,
    #[module(skip)]
    first_input: FirstInput,
    #[module(skip)]
    initial_state: InitialState,
    #[module(skip)]
    inference: AttentionInference,
}

impl AttentionCaptioner {
    /// Forward pass over known words (teacher forcing); returns what [`logits`](Self::logits) takes
    /// and the attention weights.
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
    #[must_use]
    pub fn forward(&self, annotations: Tensor<3>, words: Tensor<2, Int>) -> (Tensor<3>, Attention) {
        self.run(self.start(annotations), words, |_, seen| {
            self.inference.context(seen)
        })
    }

    /// As [`forward`](Self::forward), with the expectation whatever
    /// [`inference`](AttentionCaptionerConfig::inference) says: what soft attention is trained on.
    pub(crate) fn forward_expected(
        &self,
        annotations: Tensor<3>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Attention) {
        self.run(self.start(annotations), words, |_, seen| {
            AttentionInference::Expected.context(seen)
        })
    }

    /// As [`forward`](Self::forward), with locations drawn, and `log α` of each, `[batch, time]`:
    /// what hard attention is trained on.
    pub(crate) fn forward_sampled(
        &self,
        annotations: Tensor<3>,
        words: Tensor<2, Int>,
        samples: &LocationSamples,
    ) -> (Tensor<3>, Attention, Tensor<2>) {
        let mut logs = Vec::new();
        let (pre_logits, attention) = self.run(self.start(annotations), words, |time, seen| {
            let (context, log) = samples.context(time, seen);
            logs.push(log);
            context
        });
        (pre_logits, attention, Tensor::cat(logs, 1))
    }

    /// As [`forward`](Self::forward), for several comments on each of few pictures,
    /// `[pictures, locations, d_annotation]`: what does not depend on the words is computed once a
    /// picture. Comment `i` is on picture `picture_of[i]`.
    pub(crate) fn forward_gathered(
        &self,
        annotations: Tensor<3>,
        picture_of: Tensor<1, Int>,
        words: Tensor<2, Int>,
    ) -> (Tensor<3>, Attention) {
        let state = self.start(annotations).select(picture_of);
        self.run(state, words, |_, seen| self.inference.context(seen))
    }

    /// The loop over the words; `look` makes the context vector before word `t` of what there is to
    /// see.
    fn run(
        &self,
        mut state: AttentionState,
        words: Tensor<2, Int>,
        mut look: impl FnMut(usize, StepAttention<'_>) -> Tensor<2>,
    ) -> (Tensor<3>, Attention) {
        let [_, time] = words.dims();
        let embedded = self
            .dropout
            .forward(self.first_input.embed(&self.embed, words));
        let steps = || Vec::with_capacity(time);
        let (mut hidden, mut contexts, mut weights, mut gates) =
            (steps(), steps(), steps(), steps());
        for (step, word) in embedded.clone().chunk(time, 1).into_iter().enumerate() {
            let looked = self.look_and_read(word.squeeze_dim(1), state, |seen| look(step, seen));
            state = looked.state;
            hidden.push(state.lstm.hidden.clone());
            contexts.push(looked.context);
            weights.push(looked.weights);
            gates.push(looked.gate);
        }
        let attention = Attention {
            weights: Tensor::stack(weights, 1),
            gates: Tensor::cat(gates, 1),
        };
        let pre_logits = self.pre_logits(
            Tensor::stack(hidden, 1),
            Tensor::stack(contexts, 1),
            embedded,
        );
        (pre_logits, attention)
    }

    /// Initial state, from the mean annotation.
    ///
    /// # Panics
    ///
    /// Panics if `annotations` is not `[batch, locations, d_annotation]`.
    #[must_use]
    pub fn start(&self, annotations: Tensor<3>) -> AttentionState {
        let mut mean = annotations.clone().mean_dim(1).squeeze_dim::<2>(1);
        if let Some(layer) = &self.init_mean {
            mean = activation::relu(linear(layer, mean));
        }
        if self.initial_state == InitialState::Blind {
            mean = mean.zeros_like();
        }
        AttentionState {
            lstm: LstmState {
                hidden: activation::tanh(linear(&self.init_h, mean.clone())),
                cell: activation::tanh(linear(&self.init_c, mean)),
            },
            keys: linear(&self.att_f, annotations.clone()),
            annotations,
        }
    }

    /// One step: weighs the locations and reads one word, `[batch]`.
    ///
    /// # Panics
    ///
    /// Panics if the batch sizes differ.
    #[must_use]
    pub fn step(&self, words: Tensor<1, Int>, state: AttentionState) -> AttentionStep {
        let [batch] = words.dims();
        let words = words.reshape([batch, 1]);
        let embedded: Tensor<2> = self.first_input.embed(&self.embed, words).squeeze_dim(1);
        let looked =
            self.look_and_read(embedded.clone(), state, |seen| self.inference.context(seen));
        AttentionStep {
            pre_logits: self.pre_logits(looked.state.lstm.hidden.clone(), looked.context, embedded),
            weights: looked.weights,
            gate: looked.gate,
            state: looked.state,
        }
    }

    /// Weighs the locations, makes a context vector of what is seen, gates it, and lets the LSTM
    /// read it with the word.
    fn look_and_read(
        &self,
        embedded: Tensor<2>,
        state: AttentionState,
        look: impl FnOnce(StepAttention<'_>) -> Tensor<2>,
    ) -> Looked {
        let AttentionState {
            lstm,
            annotations,
            keys,
        } = state;
        let query = linear(&self.att_h, lstm.hidden.clone());
        let (expected, weights) =
            additive_attention(keys.clone(), query, &self.att_v, annotations.clone());
        let context = look(StepAttention {
            weights: &weights,
            annotations: &annotations,
            expected,
        });
        let (context, gate) = match &self.beta {
            Some(layer) => {
                let gate = activation::sigmoid(linear(layer, lstm.hidden.clone()));
                (gate.clone() * context, gate)
            }
            None => {
                let [batch, _] = context.dims();
                let gate = Tensor::ones([batch, 1], &context.device());
                (context, gate)
            }
        };
        let lstm = self
            .cell
            .step(Tensor::cat(vec![embedded, context.clone()], 1), lstm);
        Looked {
            context,
            weights,
            gate,
            state: AttentionState {
                lstm,
                annotations,
                keys,
            },
        }
    }

    /// The deep output before the word layer (equation 7).
    fn pre_logits<const D: usize>(
        &self,
        hidden: Tensor<D>,
        context: Tensor<D>,
        embedded: Tensor<D>,
    ) -> Tensor<D> {
        let sum = linear(&self.deep_h, hidden) + linear(&self.deep_z, context) + embedded;
        let pre_logits = if self.pre_logits_tanh {
            activation::tanh(sum)
        } else {
            sum
        };
        self.dropout.forward(pre_logits)
    }

    pub(super) fn set_dropout(&mut self, probability: f64) {
        self.dropout.prob = probability;
    }

    /// The word layer: `[positions, d_embedding]` to `[positions, num_words]`.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2> {
        self.out.forward(pre_logits)
    }
}

/// A step without the deep output, which is made for all words at once where they are known.
struct Looked {
    /// Gated context vector `z`, `[batch, d_annotation]`.
    context: Tensor<2>,
    weights: Tensor<2>,
    gate: Tensor<2>,
    state: AttentionState,
}
