//! The same in plain tensor operations, for any device.

use burn::tensor::{FloatDType, Int, Tensor, activation};

use crate::{Relations, pairs::Pairs};

/// A score that no softmax notices.
const HIDDEN: f32 = -1e30;

pub(super) fn causal_attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    bias: Tensor<2>,
    relations: &Relations,
) -> Tensor<4> {
    let ([batch, new, heads, d_head], [_, length, _, _]) = (query.dims(), key.dims());
    let Pairs { classes, hidden } = Pairs::new(relations, new, 0, &query.device());
    let classes: Tensor<1, Int> = classes.reshape([batch * new * length]);
    let bias = bias.select(1, classes).reshape([heads, batch, new, length]);
    let [query, key, value] = [query, key, value].map(|tensor| tensor.swap_dims(1, 2));
    #[expect(clippy::cast_precision_loss, reason = "sizes of vectors are small")]
    let scale = 1.0 / (d_head as f64).sqrt();
    let scores = query.mul_scalar(scale).matmul(key.swap_dims(2, 3));
    let scores = scores.cast(FloatDType::F32) + bias.swap_dims(0, 1).cast(FloatDType::F32);
    let hidden = hidden
        .unsqueeze_dim::<4>(1)
        .expand([batch, heads, new, length]);
    let weights = activation::softmax(scores.mask_fill(hidden, HIDDEN), 3);
    weights.cast(value.dtype()).matmul(value).swap_dims(1, 2)
}
