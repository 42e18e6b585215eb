//! Products of 8-bit integers by AVX-512's instructions for neural networks (VNNI), which multiply
//! and add 64 pairs at a time.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_max_ps, _mm512_mul_ps, _mm512_reduce_max_ps, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_sub_ps,
};

use bytemuck::cast_slice;

use super::quantized::{Bounds, LANES, Panel, QuantizedRows};
use crate::cpu::product::{PANEL, TILE};

/// Whether this processor has them.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

/// Vectors of a panel.
const VECTORS: usize = PANEL / LANES;

/// What the logits of a panel's classes can be at each row.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn bounds(weights: &[i8], panel: &Panel, rows: &QuantizedRows, bounds: &mut Bounds<'_>) {
    let weights = cast_slice::<i8, __m512i>(weights).as_chunks::<VECTORS>().0;
    let start = vectors::<i32, __m512i>(&panel.start);
    let [scale, norm, error, slack, bias] = [
        &panel.scale,
        &panel.norm,
        &panel.error,
        &panel.slack,
        &panel.bias,
    ]
    .map(vectors::<f32, __m512>);
    let tiles = rows.values.as_chunks::<TILE>().0;
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
            let place = number * TILE + row;
            let row = &rows.rows[place];
            let [row_scale, row_norm, row_error] =
                [row.scale, row.norm, row.error].map(|it| _mm512_set1_ps(it));
            let mut upper = _mm512_set1_ps(f32::NEG_INFINITY);
            let mut lower: __m512 = bytemuck::cast(*lowest);
            for vector in 0..VECTORS {
                let scale = _mm512_mul_ps(row_scale, scale[vector]);
                let logit = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[vector]), scale, bias[vector]);
                let spread = _mm512_fmadd_ps(norm[vector], row_error, slack[vector]);
                let spread = _mm512_fmadd_ps(error[vector], row_norm, spread);
                lower = _mm512_max_ps(lower, _mm512_sub_ps(logit, spread));
                upper = _mm512_max_ps(upper, _mm512_add_ps(logit, spread));
            }
            *lowest = bytemuck::cast(lower);
            bounds.upper[place] = _mm512_reduce_max_ps(upper);
        }
    }
}

/// A number for each class of a panel.
fn vectors<T: bytemuck::Pod, V: bytemuck::Pod>(values: &[T; PANEL]) -> &[V; VECTORS] {
    let vectors = cast_slice(values).first_chunk();
    vectors.expect("a panel has so many classes")
}
