//! A linear layer, forward and backward.
//!
//! A row's product does not depend on the rows beside it: a batch of one gives the same bits as a
//! batch of a thousand.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    lines::Lines,
    panels::{panels, panels_of_transpose, tiles, tiles_of_transpose, unpack},
    product::{PANEL, Sink, Sums, TILE, multiply},
    vectors::{load, store},
};

/// Tiles that a thread takes at a time.
const TILES: usize = 8;
/// What is summed over at a time: that much of a panel stays in a core's cache.
const DEPTH: usize = 512;

/// `x W + b`, `[rows, d_output]`, of `x`, `[rows, d_input]`, and `W`, `[d_input, d_output]`; `b`
/// holds `d_output` numbers or nothing.
pub(super) fn linear(
    x: &[f32],
    weight: &[f32],
    [d_input, d_output]: [usize; 2],
    bias: Option<&[f32]>,
) -> Vec<f32> {
    let panels = panels(weight, d_input, d_output);
    product(x, d_input, &panels, d_output, bias)
}

/// The gradient of `x` from that of the output, `[rows, d_output]`.
pub(super) fn input_gradient(
    upstream: &[f32],
    weight: &[f32],
    [d_input, d_output]: [usize; 2],
) -> Vec<f32> {
    let panels = panels_of_transpose(weight, d_input, d_output, d_output);
    product(upstream, d_output, &panels, d_input, None)
}

/// The gradients of `W` and `b`.
pub(super) fn weight_gradient(
    x: &[f32],
    upstream: &[f32],
    [d_input, d_output]: [usize; 2],
) -> (Vec<f32>, Vec<f32>) {
    let arch = Arch::new();
    let rows = d_input.next_multiple_of(TILE);
    let mut grad_weight = Lines::zeros(d_output.div_ceil(PANEL) * rows * PANEL);
    let mut grad_bias = Lines::zeros(d_output.next_multiple_of(PANEL));
    for (x, upstream) in x
        .chunks(DEPTH * d_input)
        .zip(upstream.chunks(DEPTH * d_output))
    {
        let depth = x.len() / d_input;
        let left = tiles_of_transpose(x, d_input);
        let right = panels(upstream, depth, d_output);
        grad_weight
            .par_chunks_mut(rows * PANEL)
            .zip(grad_bias.par_chunks_mut(PANEL))
            .zip(right.par_chunks(depth * PANEL))
            .for_each(|((grad_weight, grad_bias), panel)| {
                for row in panel.as_chunks::<PANEL>().0 {
                    for (sum, value) in grad_bias.iter_mut().zip(row) {
                        *sum += value;
                    }
                }
                grad_weight
                    .par_chunks_mut(TILES * TILE * PANEL)
                    .zip(left.par_chunks(TILES * TILE * depth))
                    .for_each(|(sums, left)| arch.dispatch(AddProduct { left, panel, sums }));
            });
    }
    (
        unpack(&grad_weight, d_input, d_output, 1.0),
        grad_bias[..d_output].to_vec(),
    )
}

/// `left · right + bias`, `[rows, columns]`, of `left`, `[rows, depth]`, and a right matrix in
/// panels.
fn product(
    left: &[f32],
    depth: usize,
    panels: &[f32],
    columns: usize,
    bias: Option<&[f32]>,
) -> Vec<f32> {
    let arch = Arch::new();
    let mut output = vec![0.0; left.len() / depth * columns];
    output
        .par_chunks_mut(TILES * TILE * columns)
        .zip(left.par_chunks(TILES * TILE * depth))
        .for_each(|(output, left)| {
            let rows = left.len() / depth;
            for first in (0..depth).step_by(DEPTH) {
                let places = first..depth.min(first + DEPTH);
                let tiles = tiles(&left[first..], rows, places.len(), depth);
                arch.dispatch(AddRows {
                    tiles: &tiles,
                    panels,
                    depth,
                    places: places.start * PANEL..places.end * PANEL,
                    output,
                    columns,
                    bias: bias.filter(|_| first == 0),
                });
            }
        });
    output
}

/// A part of the weight's gradient.
struct AddProduct<'a> {
    left: &'a [f32],
    panel: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for AddProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut sums = Sums {
            sums: self.sums,
            add: true,
        };
        multiply(simd, self.left, self.panel, &mut sums);
    }
}

/// A part of the sum of some rows of a product.
struct AddRows<'a> {
    tiles: &'a [f32],
    panels: &'a [f32],
    depth: usize,
    /// What of a panel is to be multiplied.
    places: std::ops::Range<usize>,
    output: &'a mut [f32],
    columns: usize,
    /// To be added.
    bias: Option<&'a [f32]>,
}

impl WithSimd for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let panels = self.panels.chunks_exact(self.depth * PANEL);
        for (first, panel) in (0..self.columns).step_by(PANEL).zip(panels) {
            let mut rows = Rows {
                output: self.output,
                columns: self.columns,
                first,
                bias: self.bias,
            };
            multiply(simd, self.tiles, &panel[self.places.clone()], &mut rows);
        }
    }
}

/// Adds to a row-major matrix.
struct Rows<'a> {
    output: &'a mut [f32],
    columns: usize,
    /// The panel's first column.
    first: usize,
    bias: Option<&'a [f32]>,
}

impl<S: Simd> Sink<S> for Rows<'_> {
    #[inline(always)]
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    ) {
        let first = self.first + first;
        if first >= self.columns {
            return;
        }
        let rows = self.output.chunks_exact_mut(self.columns);
        for (row, product) in rows.skip(tile * TILE).zip(product) {
            let row = &mut row[first..];
            for (number, product) in product.iter().enumerate() {
                if number * S::F32_LANES >= row.len() {
                    break;
                }
                let mut sum = simd.add_f32s(load(simd, row, number), *product);
                if let Some(bias) = self.bias {
                    sum = simd.add_f32s(sum, load(simd, &bias[first..], number));
                }
                store(simd, row, number, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers, whose sums are exact in any order.
    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len)
            .map(|i| f32::from(u8::try_from((i * 7 + seed) % 11).unwrap()) - 5.0)
            .collect()
    }

    /// `[rows, depth]` times `[depth, columns]` by the definition, either of them transposed by its
    /// strides.
    fn expected(
        [rows, depth, columns]: [usize; 3],
        left: impl Fn(usize, usize) -> f32,
        right: impl Fn(usize, usize) -> f32,
    ) -> Vec<f32> {
        (0..rows * columns)
            .map(|i| {
                (0..depth)
                    .map(|k| left(i / columns, k) * right(k, i % columns))
                    .sum()
            })
            .collect()
    }

    /// One number; less and more than a tile, a panel, the rows of a thread and the depth of a sum.
    #[test]
    fn agrees_with_the_definition() {
        for [rows, d, m] in [[1, 1, 1], [5, 3, 70], [49, 600, 64], [600, 7, 129]] {
            let (x, weight) = (numbers(rows * d, 1), numbers(d * m, 2));
            let (bias, upstream) = (numbers(m, 3), numbers(rows * m, 4));
            let mut output = expected([rows, d, m], |r, k| x[r * d + k], |k, c| weight[k * m + c]);
            assert_eq!(linear(&x, &weight, [d, m], None), output);
            for row in output.chunks_exact_mut(m) {
                row.iter_mut()
                    .zip(&bias)
                    .for_each(|(sum, bias)| *sum += bias);
            }
            assert_eq!(linear(&x, &weight, [d, m], Some(&bias)), output);
            assert_eq!(
                input_gradient(&upstream, &weight, [d, m]),
                expected(
                    [rows, m, d],
                    |r, k| upstream[r * m + k],
                    |k, c| weight[c * m + k]
                )
            );
            let (grad_weight, grad_bias) = weight_gradient(&x, &upstream, [d, m]);
            assert_eq!(
                grad_weight,
                expected(
                    [d, rows, m],
                    |r, k| x[k * d + r],
                    |k, c| upstream[k * m + c]
                )
            );
            assert_eq!(
                grad_bias,
                expected([1, rows, m], |_, _| 1.0, |k, c| upstream[k * m + c])
            );
        }
    }

    /// A row by itself gives the bits that it gives among others.
    #[test]
    fn rows_do_not_depend_on_each_other() {
        let (d, m) = (100, 90);
        let wave = |len: usize, step: f32| -> Vec<f32> {
            (0..len).map(|i| (i as f32 * step).sin()).collect()
        };
        let (x, weight) = (wave(20 * d, 0.37), wave(d * m, 0.11));
        let all = linear(&x, &weight, [d, m], None);
        for (x, expected) in x.chunks_exact(d).zip(all.chunks_exact(m)) {
            assert_eq!(linear(x, &weight, [d, m], None), expected);
        }
    }
}
