//! Recalling what was said and written in the whole video.

use burn::{
    module::{Initializer, Module, Param},
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation},
};
use burn_fused::linear;

use super::stream_ngrams::{Followers, Recalled};

/// Lengths of the contexts of which what followed them is recalled: none to three tokens.
pub(super) const NUM_ORDERS: usize = 4;
/// These, of what was learnt from and of the video.
pub(super) const NUM_CONTEXTS: usize = 2 * NUM_ORDERS;
/// The logit of a context's share before anything is learnt.
const AT_FIRST: f64 = -2.0;
/// What a probability is at least.
const LEAST: f32 = 1e-30;

/// Mixes what the network foretells with what follows the same pieces in the videos that were learnt
/// from ([`BackgroundNgrams`](super::BackgroundNgrams)) and earlier in this one, however long ago
/// ([`StreamNgrams`](super::StreamNgrams)): interpolation as by Jelinek and Mercer (1980), from no
/// context to the longest, whose shares depend on the state and on the counts.
///
/// It is learnt after the transformer, whose states it reads as they are. What a network of one show
/// cannot know of another, its names and what its viewers keep saying, is in what was read.
#[derive(Module, Debug)]
pub struct RecallHead {
    /// From a state to a logit of each context's share.
    pub share: Linear,
    /// `[contexts, 2]`: what the logarithms of a context's count and of the number of different tokens
    /// after it add to that logit.
    pub seen: Param<Tensor<2>>,
}

impl RecallHead {
    pub(super) fn new(d_model: usize, device: &Device) -> Self {
        let mut share = LinearConfig::new(d_model, NUM_CONTEXTS)
            .with_initializer(Initializer::Zeros)
            .init(device);
        let bias = Initializer::Constant { value: AT_FIRST };
        share.bias = Some(bias.init([NUM_CONTEXTS], device));
        Self {
            share,
            seen: Initializer::Zeros.init([NUM_CONTEXTS, 2], device),
        }
    }

    /// Negative log-likelihoods of targets, `[targets]`, nats, given the states that foretell them,
    /// `[targets, d_model]`, those of the network alone, and what was counted.
    pub(super) fn mixed(
        &self,
        states: Tensor<2>,
        foretold: Tensor<1>,
        recalled: &[Recalled],
    ) -> Tensor<1> {
        let device = states.device();
        let targets = recalled.len();
        let shares = linear(&self.share, states);
        let mut probability = foretold.neg().exp().clamp_min(LEAST);
        for order in 0..NUM_CONTEXTS {
            let contexts = || recalled.iter().map(|one| one.contexts[order]);
            let column = |values: Vec<f32>| Tensor::<1>::from_floats(&values[..], &device);
            let seen = |number: usize| {
                let weights = self.seen.val();
                weights
                    .narrow(0, order, 1)
                    .narrow(1, number, 1)
                    .reshape([1])
            };
            let any = column(contexts().map(|one| logarithm(one.any)).collect());
            let kinds = column(contexts().map(|one| logarithm(one.kinds)).collect());
            let logit = shares.clone().narrow(1, order, 1).reshape([targets])
                + any * seen(0)
                + kinds * seen(1);
            let known = contexts().map(|one| f32::from(u8::from(one.any > 0)));
            let share = activation::sigmoid(logit) * column(known.collect());
            let followed = contexts().map(|one| one.token as f32 / one.any.max(1) as f32);
            let more = column(followed.collect()) - probability.clone();
            probability = probability + share * more;
        }
        probability.clamp_min(LEAST).log().neg()
    }

    /// The logits of each context's share, `[rows, contexts]`, of states.
    pub(super) fn shares(&self, states: Tensor<2>) -> Tensor<2> {
        linear(&self.share, states)
    }
}

/// Mixes the probabilities of all tokens with what followed the contexts of the next one, the
/// shortest first, as [`RecallHead::mixed`] does; `shares` and `seen` are the head's.
pub(super) fn mix(
    probabilities: &mut [f32],
    contexts: [Option<Followers<'_>>; NUM_CONTEXTS],
    shares: &[f32],
    seen: &[f32],
) {
    let orders = shares.iter().zip(seen.chunks_exact(2));
    for (context, (share, seen)) in contexts.into_iter().zip(orders) {
        let Some(context) = context else { continue };
        let kinds = u32::try_from(context.next.len()).unwrap_or(u32::MAX);
        let logit = share + logarithm(context.count) * seen[0] + logarithm(kinds) * seen[1];
        let share = 1.0 / (1.0 + (-logit).exp());
        for probability in probabilities.iter_mut() {
            *probability *= 1.0 - share;
        }
        for (token, count) in context.next {
            if let Some(probability) = probabilities.get_mut(*token as usize) {
                *probability += share * *count as f32 / context.count as f32;
            }
        }
    }
}

fn logarithm(count: u32) -> f32 {
    (count.max(1) as f32).ln()
}
