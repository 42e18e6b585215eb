//! A causal transformer over the stream of what is said and written.

use burn::{
    config::Config,
    module::{Initializer, Module, Param, ParamId},
    nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig},
    tensor::{Device, IndexingUpdateOp, Int, Tensor, activation},
};
use burn_fused::{CrossEntropy, causal_attention, embedding_bag, linear, linear_cross_entropy};

use super::{
    copying::CopyHead,
    recalling::{NUM_CONTEXTS, RecallHead},
    window::{NUM_CLASSES, NUM_LAGS, NUM_PLACES, StreamBatch},
};
use crate::files::{layer, matrix, sum};

/// Bias of attention within an event before anything is learnt.
const SAME_EVENT_AT_FIRST: f32 = 2.0;
/// And for each bucket of time that another event lies back.
const A_LAG_AT_FIRST: f32 = -0.4;

/// Configuration of [`CommenterNetwork`]; [`init`](Self::init) makes the network.
#[derive(Config, Debug, PartialEq)]
pub struct CommenterNetworkConfig {
    /// Number of tokens: pieces of text and beginnings of events
    /// ([`StreamTokens`](super::StreamTokens)).
    pub num_tokens: usize,
    /// Size of a token's vector.
    #[config(default = 192)]
    pub d_model: usize,
    /// Number of blocks.
    #[config(default = 4)]
    pub num_layers: usize,
    /// Heads of attention of a block, which divide `d_model`.
    #[config(default = 4)]
    pub num_heads: usize,
    /// Rows of the table of hashed pairs and triples of tokens.
    #[config(default = 16_384)]
    pub num_ngrams: usize,
    /// Size of their vectors.
    #[config(default = 64)]
    pub d_ngram: usize,
    /// Size of the vectors by which tokens are copied; 0 if none are.
    #[config(default = 64)]
    pub d_copy: usize,
    /// Whether what was said and written in the whole video is recalled.
    #[config(default = true)]
    pub recalls: bool,
    /// Size of a picture's features; 0 if pictures are not read.
    #[config(default = 0)]
    pub d_picture: usize,
}

/// A causal transformer over a video's stream: how probable each piece of a comment is after what
/// was said and what others and its writer wrote before it.
///
/// The blocks are those of Vaswani et al., "Attention is all you need" (2017), with the
/// normalisation before each layer (Xiong et al., "On layer normalization in the transformer
/// architecture", 2020) and squared ReLUs (So et al., "Primer", 2021). Positions are told within an
/// event, and the first layer reads with each token the one before it and vectors of its pair and
/// its triple, which are hashed as by Svenstrup et al., "Hash embeddings for efficient word
/// representations" (2017); between events attention has a bias by what the other one is (of the
/// same viewer, of another, a line, a picture) and how long ago. A comment's beginning also knows the mean of the pieces that
/// its writer wrote before, and the picture that is shown. Words are foretold by the vectors with which they are read (Press and
/// Wolf, "Using the output embedding to improve language models", 2017).
#[derive(Module, Debug)]
pub struct CommenterNetwork {
    /// `[tokens, d_model]`: vectors of the tokens read, by which tokens are foretold as well.
    pub embed: Param<Tensor<2>>,
    /// `[tokens]`: how probable each token is anyway.
    pub bias: Param<Tensor<1>>,
    /// `[64, d_model]`: vectors of the places within an event.
    pub places: Param<Tensor<2>>,
    /// `[tokens]`: logarithms of what each piece counts among those that the writer wrote before.
    pub own_weights: Param<Tensor<1>>,
    /// From the mean of what the writer wrote before.
    pub own: Linear,
    /// From the vector of the token before, of the same event.
    pub previous: Linear,
    /// `[rows, d_ngram]`: vectors of hashed pairs and triples of tokens.
    pub ngrams: Param<Tensor<2>>,
    /// From the sum of a token's pair and triple.
    pub local: Linear,
    /// From a picture's features, where pictures are read.
    pub picture: Option<Linear>,
    /// The blocks, in order.
    pub blocks: Vec<CommenterBlock>,
    /// After the last block.
    pub norm: LayerNorm,
    /// What copies tokens that were read, where some are.
    pub copy: Option<CopyHead>,
    /// What recalls the n-grams of the whole video, where they are.
    pub recall: Option<RecallHead>,
}

/// A block of a [`CommenterNetwork`]: attention, and a layer of its own for each token.
#[derive(Module, Debug)]
pub struct CommenterBlock {
    /// Before attention.
    pub attention_norm: LayerNorm,
    /// To queries, keys and values.
    pub qkv: Linear,
    /// `[heads, 25]`: by the class of two events.
    pub relation_bias: Param<Tensor<2>>,
    /// After attention.
    pub out: Linear,
    /// Before the layers of each token.
    pub mlp_norm: LayerNorm,
    /// To four times as many numbers.
    pub widen: Linear,
    /// And back.
    pub narrow: Linear,
    /// Heads of attention.
    pub num_heads: usize,
}

/// Keys and values of tokens that were read, by which what follows them is read alone.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamCache {
    /// Of each block, `[batch, length, heads, d_head]`.
    blocks: Vec<[Tensor<4>; 2]>,
}

impl CommenterNetworkConfig {
    pub(super) fn sizes(&self) -> [usize; 10] {
        let table = self.num_tokens.saturating_mul(self.d_model).div_ceil(64);
        // Heads divide the model.
        let heads = match self.d_model.is_multiple_of(self.num_heads.max(1)) {
            true => self.num_heads,
            false => 0,
        };
        let pictures = self.d_picture.max(1); // 0 is a size that works, and of copying too
        let ngrams = self.num_ngrams.saturating_mul(self.d_ngram).div_ceil(64);
        [
            self.num_tokens,
            self.d_model,
            self.num_layers,
            heads,
            table,
            self.num_ngrams,
            self.d_ngram,
            ngrams,
            pictures,
            self.d_copy.max(1),
        ]
    }

    /// Numbers of the weights, to be found in a file before a network of these sizes is made.
    pub(super) fn num_weights(&self) -> u128 {
        let d = self.d_model;
        let of_block = sum([
            matrix(d, 4), // two normalisations
            layer(d, d.saturating_mul(3)),
            matrix(self.num_heads, NUM_CLASSES),
            layer(d, d),
            layer(d, d.saturating_mul(4)),
            layer(d.saturating_mul(4), d),
        ]);
        let recalls = usize::from(self.recalls);
        let if_any = |size: usize, numbers: u128| if size > 0 { numbers } else { 0 };
        sum([
            matrix(self.num_tokens, d),
            matrix(self.num_tokens, 2),
            matrix(NUM_PLACES, d),
            layer(d, d).saturating_mul(2),
            matrix(self.num_ngrams, self.d_ngram),
            layer(self.d_ngram, d),
            if_any(self.d_picture, layer(self.d_picture, d)),
            of_block.saturating_mul(self.num_layers as u128),
            matrix(d, 2),
            if_any(self.d_copy, layer(d, self.d_copy).saturating_mul(2)),
            if_any(
                recalls,
                sum([layer(d, NUM_CONTEXTS), matrix(NUM_CONTEXTS, 2)]),
            ),
        ])
    }

    /// Makes the network with random weights.
    #[must_use]
    pub fn init(&self, device: &Device) -> CommenterNetwork {
        let d = self.d_model;
        let normal = |std: f64| Initializer::Normal { mean: 0.0, std };
        let layer = |from: usize, to: usize, std: f64| {
            let mut layer = LinearConfig::new(from, to)
                .with_initializer(normal(std))
                .init(device);
            layer.bias = Some(Initializer::Zeros.init([to], device));
            layer
        };
        let residual = 0.02 / ((2 * self.num_layers) as f64).sqrt();
        let blocks = (0..self.num_layers).map(|_| CommenterBlock {
            attention_norm: LayerNormConfig::new(d).init(device),
            qkv: layer(d, 3 * d, 0.05),
            relation_bias: relation_bias(self.num_heads, device),
            out: layer(d, d, residual * 2.5),
            mlp_norm: LayerNormConfig::new(d).init(device),
            widen: layer(d, 4 * d, 0.05),
            narrow: layer(4 * d, d, residual * 2.5),
            num_heads: self.num_heads,
        });
        CommenterNetwork {
            embed: normal(0.05).init([self.num_tokens, d], device),
            bias: Initializer::Zeros.init([self.num_tokens], device),
            places: normal(0.05).init([NUM_PLACES, d], device),
            own_weights: Initializer::Zeros.init([self.num_tokens], device),
            own: layer(d, d, 0.05),
            previous: layer(d, d, 0.05),
            ngrams: normal(0.05).init([self.num_ngrams, self.d_ngram], device),
            local: layer(self.d_ngram, d, 0.05),
            picture: (self.d_picture > 0).then(|| {
                // Features have a mean square of 1: together they weigh as much as a word.
                let std = 0.05 / (self.d_picture as f64).sqrt();
                layer(self.d_picture, d, std)
            }),
            blocks: blocks.collect(),
            norm: LayerNormConfig::new(d).init(device),
            copy: (self.d_copy > 0).then(|| CopyHead::new(d, self.d_copy, device)),
            recall: self.recalls.then(|| RecallHead::new(d, device)),
        }
    }
}

/// `[heads, classes]`: at first the latest is looked at most, and one's own event above all.
fn relation_bias(num_heads: usize, device: &Device) -> Param<Tensor<2>> {
    let of_class = |class: usize| match class {
        0 => SAME_EVENT_AT_FIRST,
        _ => A_LAG_AT_FIRST * ((class - 1) % usize::from(NUM_LAGS)) as f32,
    };
    let biases: Vec<f32> = (0..num_heads)
        .flat_map(|_| (0..NUM_CLASSES).map(of_class))
        .collect();
    let biases = Tensor::<1>::from_floats(&biases[..], device);
    Param::from_tensor(biases.reshape([num_heads, NUM_CLASSES]))
}

impl CommenterNetwork {
    /// The states of all positions, `[batch * length, d_model]`, from which the next tokens are
    /// foretold.
    ///
    /// # Panics
    ///
    /// Panics if the batch has tokens that the network does not have, or pictures of another number
    /// of features.
    #[must_use]
    pub fn states(&self, batch: &StreamBatch) -> Tensor<2> {
        self.states_after(batch, &mut StreamCache::default())
    }

    /// The same for tokens that follow those of a cache, to which they are added; the batch's
    /// relations are those of all.
    pub(super) fn states_after(&self, batch: &StreamBatch, cache: &mut StreamCache) -> Tensor<2> {
        let device = self.embed.device();
        let ints = |values: &[i64]| Tensor::<1, Int>::from_data(values, &device);
        let read = &batch.tokens;
        let embedded = |tokens: &[i64]| self.embed.val().select(0, ints(tokens));
        let [num_ngrams, _] = self.ngrams.dims();
        let [pairs, triples] = read
            .ngram_rows(num_ngrams)
            .map(|rows| self.ngrams.val().select(0, ints(&rows)));
        let mut states = embedded(&read.tokens)
            + self.places.val().select(0, ints(&read.places))
            + linear(&self.previous, embedded(&read.previous))
            + linear(&self.local, pairs + triples);
        if !batch.own.is_empty() {
            let said = embedding_bag(self.embed.val(), self.own_weights.val(), &batch.own);
            let said = linear(&self.own, said);
            states = states.select_assign(0, ints(&batch.own_at), said, IndexingUpdateOp::Add);
        }
        if let (Some(layer), false) = (&self.picture, batch.pictures.at.is_empty()) {
            let pictures = &batch.pictures;
            let [d_picture, _] = layer.weight.dims();
            let features = Tensor::<1>::from_floats(&pictures.features[..], &device)
                .reshape([pictures.at.len(), d_picture]);
            let seen = linear(layer, features);
            states = states.select_assign(0, ints(&pictures.at), seen, IndexingUpdateOp::Add);
        }
        let mut read = std::mem::take(&mut cache.blocks).into_iter();
        for block in &self.blocks {
            let (next, keys_and_values) = block.forward(states, batch, read.next());
            states = next;
            cache.blocks.push(keys_and_values);
        }
        self.norm.forward(states)
    }

    /// The scores of all tokens after states, `[rows, tokens]`: logarithms of probabilities, up to
    /// a number of each row.
    #[must_use]
    pub fn logits(&self, states: Tensor<2>) -> Tensor<2> {
        linear(&self.word_layer(), states)
    }

    /// The layer from states to tokens, whose weights are those of [`embed`](Self::embed).
    #[must_use]
    pub fn word_layer(&self) -> Linear {
        Linear {
            weight: Param::initialized(ParamId::new(), self.embed.val().transpose()),
            bias: Some(Param::initialized(ParamId::new(), self.bias.val())),
        }
    }

    /// The negative log-likelihoods of what the batch is to foretell, in its order, nats, by the
    /// softmax over all tokens: what the transformer learns from.
    ///
    /// # Panics
    ///
    /// Panics if the batch has tokens that the network does not have.
    #[must_use]
    pub fn losses(&self, batch: &StreamBatch) -> CrossEntropy {
        self.losses_of(self.states(batch), batch)
    }

    fn losses_of(&self, states: Tensor<2>, batch: &StreamBatch) -> CrossEntropy {
        let device = self.embed.device();
        let ints = |values: &[i64]| Tensor::<1, Int>::from_data(values, &device);
        let states = states.select(0, ints(&batch.positions));
        linear_cross_entropy(states, &self.word_layer(), ints(&batch.targets), 0.0)
    }

    /// The same by the softmax mixed with what is copied and what is recalled, `[targets]`: how
    /// probable it is. Gradients reach what copies and recalls alone.
    ///
    /// # Panics
    ///
    /// Panics if the batch has tokens that the network does not have.
    #[must_use]
    pub fn mixed_losses(&self, batch: &StreamBatch) -> Tensor<1> {
        let fixed = self.clone().valid();
        let states = fixed.states(batch);
        let softmax = fixed.losses_of(states.clone(), batch).nll;
        let (states, mut losses) = match self.embed.device().is_autodiff() {
            true => (Tensor::from_inner(states), Tensor::from_inner(softmax)),
            false => (states, softmax),
        };
        if let Some(head) = &self.copy {
            losses = head.mixed(states.clone(), losses, batch);
        }
        if let Some(head) = &self.recall {
            let positions = Tensor::from_data(&batch.positions[..], &states.device());
            losses = head.mixed(states.select(0, positions), losses, &batch.recalled);
        }
        losses
    }
}

impl CommenterBlock {
    /// New states, and the keys and values of all tokens so far.
    fn forward(
        &self,
        states: Tensor<2>,
        batch: &StreamBatch,
        read: Option<[Tensor<4>; 2]>,
    ) -> (Tensor<2>, [Tensor<4>; 2]) {
        let [rows, d] = states.dims();
        let heads = [
            batch.batch,
            rows / batch.batch.max(1),
            self.num_heads,
            d / self.num_heads,
        ];
        let qkv = linear(&self.qkv, self.attention_norm.forward(states.clone()));
        let part = |number: usize| qkv.clone().narrow(1, number * d, d).reshape(heads);
        let (mut key, mut value) = (part(1), part(2));
        if let Some([keys, values]) = read {
            key = Tensor::cat(vec![keys, key], 1);
            value = Tensor::cat(vec![values, value], 1);
        }
        let attended = causal_attention(
            part(0),
            key.clone(),
            value.clone(),
            self.relation_bias.val(),
            &batch.relations,
        );
        let states = states + linear(&self.out, attended.reshape([rows, d]));
        let wide = linear(&self.widen, self.mlp_norm.forward(states.clone()));
        let wide = activation::relu(wide).square();
        (states + linear(&self.narrow, wide), [key, value])
    }
}
