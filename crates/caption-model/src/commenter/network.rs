//! A causal transformer over the stream of what is said and written.

use burn::{
    config::Config,
    module::{Initializer, Module, Param, ParamId},
    nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig},
    tensor::{Device, IndexingUpdateOp, Int, Tensor, activation},
};
use burn_fused::{CrossEntropy, causal_attention, embedding_bag, linear, linear_cross_entropy};

use super::window::{NUM_CLASSES, NUM_PLACES, StreamBatch};

#[derive(Config, Debug, PartialEq)]
pub struct CommenterNetworkConfig {
    pub num_tokens: usize,
    #[config(default = 192)]
    pub d_model: usize,
    #[config(default = 4)]
    pub num_layers: usize,
    #[config(default = 4)]
    pub num_heads: usize,
}

#[derive(Module, Debug)]
pub struct CommenterNetwork {
    /// `[tokens, d_model]`: words read, and by which words are foretold.
    pub embed: Param<Tensor<2>>,
    /// `[tokens]`
    pub bias: Param<Tensor<1>>,
    pub places: Param<Tensor<2>>,
    pub own_weights: Param<Tensor<1>>,
    pub own: Linear,
    pub blocks: Vec<CommenterBlock>,
    pub norm: LayerNorm,
}

#[derive(Module, Debug)]
pub struct CommenterBlock {
    pub attention_norm: LayerNorm,
    pub qkv: Linear,
    pub relation_bias: Param<Tensor<2>>,
    pub out: Linear,
    pub mlp_norm: LayerNorm,
    pub widen: Linear,
    pub narrow: Linear,
    pub num_heads: usize,
}

impl CommenterNetworkConfig {
    pub(super) fn sizes(&self) -> [usize; 5] {
        let table = self.num_tokens.saturating_mul(self.d_model) / 64;
        // Heads divide the model.
        let heads = match self.d_model.is_multiple_of(self.num_heads.max(1)) {
            true => self.num_heads,
            false => 0,
        };
        [self.num_tokens, self.d_model, self.num_layers, heads, table]
    }

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
            relation_bias: Initializer::Zeros.init([self.num_heads, NUM_CLASSES], device),
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
            blocks: blocks.collect(),
            norm: LayerNormConfig::new(d).init(device),
        }
    }
}

impl CommenterNetwork {
    /// The states of all positions, `[batch * length, d_model]`.
    pub fn states(&self, batch: &StreamBatch) -> Tensor<2> {
        let device = self.embed.device();
        let ints = |values: &[i64]| Tensor::<1, Int>::from_data(values, &device);
        let tokens = self.embed.val().select(0, ints(&batch.tokens));
        let mut states = tokens + self.places.val().select(0, ints(&batch.places));
        if !batch.own.is_empty() {
            let said = embedding_bag(self.embed.val(), self.own_weights.val(), &batch.own);
            let said = linear(&self.own, said);
            states = states.select_assign(0, ints(&batch.own_at), said, IndexingUpdateOp::Add);
        }
        for block in &self.blocks {
            states = block.forward(states, batch);
        }
        self.norm.forward(states)
    }

    /// The layer from states to tokens, whose weights are those of [`embed`](Self::embed).
    pub fn word_layer(&self) -> Linear {
        Linear {
            weight: Param::initialized(ParamId::new(), self.embed.val().transpose()),
            bias: Some(Param::initialized(ParamId::new(), self.bias.val())),
        }
    }

    /// The negative log-likelihoods of the targets.
    pub fn losses(&self, batch: &StreamBatch) -> CrossEntropy {
        let device = self.embed.device();
        let ints = |values: &[i64]| Tensor::<1, Int>::from_data(values, &device);
        let states = self.states(batch).select(0, ints(&batch.positions));
        linear_cross_entropy(states, &self.word_layer(), ints(&batch.targets), 0.0)
    }
}

impl CommenterBlock {
    fn forward(&self, states: Tensor<2>, batch: &StreamBatch) -> Tensor<2> {
        let [rows, d] = states.dims();
        let heads = [
            batch.batch,
            batch.length,
            self.num_heads,
            d / self.num_heads,
        ];
        let qkv = linear(&self.qkv, self.attention_norm.forward(states.clone()));
        let part = |number: usize| qkv.clone().narrow(1, number * d, d).reshape(heads);
        let attended = causal_attention(
            part(0),
            part(1),
            part(2),
            self.relation_bias.val(),
            &batch.relations,
        );
        let states = states + linear(&self.out, attended.reshape([rows, d]));
        let wide =
            activation::relu(linear(&self.widen, self.mlp_norm.forward(states.clone()))).square();
        states + linear(&self.narrow, wide)
    }
}
