//! The same in plain tensor operations, for any device.

use burn::tensor::{Bool, FloatDType, IndexingUpdateOp, Int, Tensor, activation};

use super::{CopyDistribution, CopyLogLikelihood, NO_COPY};
use crate::{Relations, pairs::Pairs};

/// A score that no softmax notices.
const HIDDEN: f32 = -1e30;

pub(super) fn copy_log_likelihood(
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    targets: Tensor<2, Int>,
    relations: &Relations,
) -> CopyLogLikelihood {
    let [batch, length, _] = query.dims();
    let (scores, hidden) = scores(query, key, relations);
    let scores = activation::log_softmax(scores, 2);
    let none = scores.clone().narrow(2, 0, 1).squeeze_dim::<2>(2);
    let scores = scores.narrow(2, 1, length);
    let square = [batch, length, length];
    let tokens = tokens.unsqueeze_dim::<3>(1).expand(square);
    let targets = targets.unsqueeze_dim::<3>(2).expand(square);
    let other = tokens.not_equal(targets).bool_or(hidden);
    let scores = scores.mask_fill(other.clone(), HIDDEN);
    let largest = scores.clone().detach().max_dim(2);
    let target = (scores - largest.clone()).exp().sum_dim(2).log() + largest;
    let target = target.mask_fill(other.all_dim(2), NO_COPY);
    CopyLogLikelihood {
        target: target.squeeze_dim(2),
        none,
    }
}

pub(super) fn copy_distribution(
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    num_tokens: usize,
    relations: &Relations,
) -> CopyDistribution {
    let ([batch, new, _], [_, length, _]) = (query.dims(), key.dims());
    let device = query.device();
    let (scores, _) = scores(query, key, relations);
    let weights = activation::softmax(scores, 2);
    let none = weights.clone().narrow(2, 0, 1).squeeze_dim(2);
    let tokens = tokens.unsqueeze_dim::<3>(1).repeat_dim(1, new);
    let zeros = Tensor::zeros([batch, new, num_tokens], (&device, weights.dtype()));
    let weights = weights.narrow(2, 1, length);
    CopyDistribution {
        tokens: zeros.scatter(2, tokens, weights, IndexingUpdateOp::Add),
        none,
    }
}

/// Scores of none and then of each position, `[batch, new, 1 + length]` in `f32`, and which
/// positions are hidden, `[batch, new, length]`.
fn scores(query: Tensor<3>, key: Tensor<3>, relations: &Relations) -> (Tensor<3>, Tensor<3, Bool>) {
    let [batch, new, d] = query.dims();
    let Pairs { hidden, .. } = Pairs::new(relations, new, 1, &query.device());
    #[expect(clippy::cast_precision_loss, reason = "sizes of vectors are small")]
    let scale = 1.0 / (d as f64).sqrt();
    let scores = query.mul_scalar(scale).matmul(key.swap_dims(1, 2));
    let scores = scores
        .cast(FloatDType::F32)
        .mask_fill(hidden.clone(), HIDDEN);
    let none = Tensor::zeros([batch, new, 1], (&scores.device(), scores.dtype()));
    (Tensor::cat(vec![none, scores], 2), hidden)
}
