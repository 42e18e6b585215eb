#[cfg(feature = "flex")]
mod backward;
#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod forward;
mod plain;
#[cfg(feature = "flex")]
mod simd;
#[cfg(feature = "flex")]
mod step;
#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests;

use burn::tensor::Tensor;

use crate::Relations;

/// Causal multi-head attention (Vaswani et al., "Attention Is All You Need", 2017, section 3.2) with
/// a mask by events and a learned bias by the class of a pair, over packed sequences, without ever
/// holding the weights of a whole sequence.
///
/// Position `i` averages the values of the positions `j ≤ i` that [`Relations`] let it see, by the
/// softmax of `q_i · k_j / √d_head + bias[head, class(i, j)]`. The bias is that of Raffel et al.,
/// "Exploring the Limits of Transfer Learning" (2020, section 2.1), whose classes are buckets of
/// distance; here they are any that the caller tells apart.
///
/// On the CPU the scores are there for a block of queries and keys at a time (Dao et al.,
/// "FlashAttention", 2022): the forward pass keeps the logarithm of each row's sum, from which the
/// backward pass computes the weights again. Blocks that no query of theirs sees take no time. A
/// later token does not change an earlier one's output in any bit.
///
/// With a cache of keys and values the queries are those of the last `new` positions.
///
/// # Shapes
///
/// - `query`: `[batch, new, heads, d_head]`, the last `new` of `length` positions
/// - `key`, `value`: `[batch, length, heads, d_head]`
/// - `bias`: `[heads, classes]`
/// - returned: `[batch, new, heads, d_head]`
///
/// # Panics
///
/// Panics if the shapes do not fit each other or `relations`, or if the bias has no column for one
/// of its classes.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_fused::{Relations, causal_attention};
///
/// let device = Device::flex();
/// let zeros = Tensor::zeros([1, 3, 1, 2], &device);
/// let value = Tensor::<2>::from_floats([[2.0, 0.0], [4.0, 0.0], [0.0, 3.0]], &device);
/// let value = value.reshape([1, 3, 1, 2]);
/// let bias = Tensor::zeros([1, 1], &device);
/// let mean = causal_attention(zeros.clone(), zeros, value, bias, &Relations::causal(1, 3));
/// // All scores are alike: each position has the mean of the values up to it.
/// let mean = mean.into_data().try_into_vec::<f32>()?;
/// assert_eq!(mean, [2.0, 0.0, 3.0, 0.0, 2.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn causal_attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    bias: Tensor<2>,
    relations: &Relations,
) -> Tensor<4> {
    let ([batch, new, heads, d_head], [_, length, _, _]) = (query.dims(), key.dims());
    let expected = [batch, length, heads, d_head];
    assert_eq!(key.dims(), expected, "keys of the queries' size");
    assert_eq!(value.dims(), expected, "a value for each key");
    assert!(new <= length, "{new} queries of {length} positions");
    let found = [relations.batch(), relations.length()];
    assert_eq!(found, [batch, length], "relations of all positions");
    let ([bias_heads, columns], classes) = (bias.dims(), relations.num_classes());
    assert_eq!(bias_heads, heads, "a row of the bias for each head");
    assert!(
        classes <= columns,
        "{columns} columns for {classes} classes"
    );
    if batch * new * heads * d_head == 0 {
        return query;
    }
    #[cfg(feature = "flex")]
    if let Some(mean) = cpu::causal_attention(&query, &key, &value, &bias, relations) {
        return mean;
    }
    plain::causal_attention(query, key, value, bias, relations)
}
