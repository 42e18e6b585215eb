//! Products of 8-bit integers by AVX-512's instructions for neural networks (VNNI), which multiply and add 64 pairs at a time.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_max_ps, _mm512_mul_ps, _mm512_reduce_max_ps, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_sub_ps,
};

use bytemuck::cast_slice;

use super::{
    product::{PANEL, TILE},
    screen::{Bounds, LANES, Positions, Words},
};

/// Whether this processor has them.
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

/// Vectors of a panel.
const VECTORS: usize = PANEL / LANES;

/// What the logits of a panel's words can be at each position.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn bounds(
    weights: &[i8],
    words: &Words,
    positions: &Positions,
    bounds: &mut Bounds<'_>,
) {
    let weights = cast_slice::<i8, __m512i>(weights).as_chunks::<VECTORS>().0;
    let start = vectors::<i32, __m512i>(&words.start);
    let [scale, norm, error, slack, bias] = [
        &words.scale,
        &words.norm,
        &words.error,
        &words.slack,
        &words.bias,
    ]
    .map(vectors::<f32, __m512>);
    let tiles = positions.values.as_chunks::<TILE>().0;
    let lowest = bounds.lower.as_chunks_mut::<LANES>().0;
    for (number, (tile, lowest)) in tiles
        .chunks_exact(weights.len())
        .zip(lowest.chunks_mut(TILE))
        .enumerate()
    {
        let mut sums = [*start; TILE];
        for (values, weights) in tile.iter().zip(weights) {
            for (sums, value) in sums.iter_mut().zip(values) {
                let value = _mm512_set1_epi32(*value);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = _mm512_dpbusd_epi32(*sum, value, *weights);
                }
            }
        }
        // A copy, as in the products of other numbers.
        let sums = std::hint::black_box(sums);
        for (row, (sums, lowest)) in sums.iter().zip(lowest).enumerate() {
            let row = number * TILE + row;
            let position = &positions.rows[row];
            let [of_scale, of_norm, of_error] =
                [position.scale, position.norm, position.error].map(|it| _mm512_set1_ps(it));
            let mut upper = _mm512_set1_ps(f32::NEG_INFINITY);
            let mut lower: __m512 = bytemuck::cast(*lowest);
            for vector in 0..VECTORS {
                let scale = _mm512_mul_ps(of_scale, scale[vector]);
                let logit = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[vector]), scale, bias[vector]);
                let spread = _mm512_fmadd_ps(norm[vector], of_error, slack[vector]);
                let spread = _mm512_fmadd_ps(error[vector], of_norm, spread);
                lower = _mm512_max_ps(lower, _mm512_sub_ps(logit, spread));
                upper = _mm512_max_ps(upper, _mm512_add_ps(logit, spread));
            }
            *lowest = bytemuck::cast(lower);
            bounds.upper[row] = _mm512_reduce_max_ps(upper);
        }
    }
}

/// A number for each word of a panel.
fn vectors<T: bytemuck::Pod, V: bytemuck::Pod>(values: &[T; PANEL]) -> &[V; VECTORS] {
    let vectors = cast_slice(values).first_chunk();
    vectors.expect("a panel has so many words")
}
