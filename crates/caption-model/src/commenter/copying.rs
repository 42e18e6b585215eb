//! Copying what was written or said a moment ago.

use burn::{
    module::{Initializer, Module, Param},
    nn::{Linear, LinearConfig},
    tensor::{Device, Int, Tensor, activation},
};
use burn_fused::{copy_distribution, copy_log_likelihood, linear};
use jp_tokenize::BOS;

use super::window::StreamBatch;

/// The logarithm of what a token counts beside copying none, before anything is learnt.
const AT_FIRST: f32 = -12.0;

/// A pointer to tokens that were read, with which the softmax over all tokens is mixed: the pointer
/// sentinel of Merity et al., "Pointer Sentinel Mixture Models" (2017).
///
/// Its queries are made of the state that foretells a token, and its keys of the state before the
/// token that would be copied: what follows a state like this one is likely to follow again. It is
/// learnt after the transformer, whose states it reads as they are.
#[derive(Module, Debug)]
pub struct CopyHead {
    /// To queries.
    pub query: Linear,
    /// To keys.
    pub key: Linear,
}

/// Keys of the tokens read so far, and the tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct CopyCache {
    /// `[1, length, d_copy]`
    keys: Option<Tensor<3>>,
    tokens: Vec<i64>,
    /// The same, with [`BOS`] in place of what was written here.
    pub(super) of_others: Vec<i64>,
}

/// What may be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// All that was read.
    All,
    /// What others wrote and said. A crowd that copies what it wrote itself soon says one thing.
    OfOthers,
}

impl CopyHead {
    /// One that copies next to nothing yet.
    pub(super) fn new(d_model: usize, d_copy: usize, device: &Device) -> Self {
        let layer = |first: f32| {
            let mut layer = LinearConfig::new(d_model, d_copy)
                .with_initializer(Initializer::Normal {
                    mean: 0.0,
                    std: 0.05,
                })
                .init(device);
            // A constant of the scores: the product of the first numbers.
            let mut bias = vec![0.0; d_copy];
            bias[0] = first;
            layer.bias = Some(Param::from_tensor(Tensor::from_floats(&bias[..], device)));
            layer
        };
        let root = (d_copy as f32).sqrt();
        Self {
            query: layer(1.0),
            key: layer(AT_FIRST * root),
        }
    }

    /// Negative log-likelihoods of what a batch is to foretell, `[targets]`, nats, given the states
    /// of all positions and those of the softmax alone.
    pub(super) fn mixed(
        &self,
        states: Tensor<2>,
        softmax: Tensor<1>,
        batch: &StreamBatch,
    ) -> Tensor<1> {
        let device = states.device();
        let ints = |values: &[i64]| Tensor::<1, Int>::from_data(values, &device);
        let shape = [batch.batch, batch.length];
        let mut targets = vec![0; batch.num_tokens()];
        for (position, target) in batch.positions.iter().zip(&batch.targets) {
            targets[usize::try_from(*position).unwrap_or(0)] = *target;
        }
        let before = states.clone().select(0, ints(&batch.key_at));
        let vectors = |layer: &Linear, states: Tensor<2>| {
            let vectors = linear(layer, states);
            let [_, d_copy] = vectors.dims();
            vectors.reshape([shape[0], shape[1], d_copy])
        };
        let copied = copy_log_likelihood(
            vectors(&self.query, states),
            vectors(&self.key, before),
            ints(&batch.tokens.tokens).reshape(shape),
            ints(&targets).reshape(shape),
            &batch.relations,
        );
        let at = |values: Tensor<2>| {
            let values = values.reshape([batch.num_tokens()]);
            values.select(0, ints(&batch.positions))
        };
        let (copied, written) = (at(copied.target), at(copied.none) - softmax);
        // The logarithm of the sum of both, the greater one apart.
        let highest = copied.clone().max_pair(written.clone());
        let smaller = copied.min_pair(written) - highest.clone();
        (highest + smaller.exp().log1p()).neg()
    }

    /// Reads tokens, each with the state before it, `[tokens, d_model]`; `is_ours` tells those that
    /// were written here.
    pub(super) fn read(
        &self,
        cache: &mut CopyCache,
        before: Tensor<2>,
        tokens: &[i64],
        is_ours: impl Fn(usize) -> bool,
    ) {
        let keys = linear(&self.key, before).unsqueeze::<3>();
        cache.keys = Some(match cache.keys.take() {
            Some(read) => Tensor::cat(vec![read, keys], 1),
            None => keys,
        });
        cache.tokens.extend(tokens);
        let of_others = (tokens.iter().enumerate()).map(|(place, token)| {
            if is_ours(place) {
                i64::from(BOS)
            } else {
                *token
            }
        });
        cache.of_others.extend(of_others);
    }

    /// Logarithms of the probabilities of all tokens after the latest states, `[rows, tokens]`, given
    /// the scores of the softmax: one for each choice of what may be copied.
    pub(super) fn log_probabilities<const N: usize>(
        &self,
        cache: &CopyCache,
        copied: [Copied; N],
        states: Tensor<2>,
        logits: Tensor<2>,
        relations: &burn_fused::Relations,
    ) -> [Tensor<2>; N] {
        let softmax = activation::softmax(logits, 1);
        let Some(keys) = &cache.keys else {
            return copied.map(|_| softmax.clone().log());
        };
        let ([rows, num_tokens], device) = (softmax.dims(), states.device());
        let queries = linear(&self.query, states).unsqueeze::<3>();
        copied.map(|copied| {
            let tokens = match copied {
                Copied::All => &cache.tokens,
                Copied::OfOthers => &cache.of_others,
            };
            let tokens = Tensor::<1, Int>::from_data(&tokens[..], &device);
            let copied = copy_distribution(
                queries.clone(),
                keys.clone(),
                tokens.unsqueeze::<2>(),
                num_tokens,
                relations,
            );
            let none = copied.none.reshape([rows, 1]);
            (copied.tokens.reshape([rows, num_tokens]) + softmax.clone() * none).log()
        })
    }
}
