//! A linear layer's product.
//!
//! A row's product does not depend on the rows beside it: a batch of one gives the same bits as a
//! batch of a thousand.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    panels::{panels, tiles},
    product::{PANEL, Sink, TILE, multiply},
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
    let arch = Arch::new();
    let mut output = vec![0.0; x.len() / d_input * d_output];
    output
        .par_chunks_mut(TILES * TILE * d_output)
        .zip(x.par_chunks(TILES * TILE * d_input))
        .for_each(|(output, x)| {
            let rows = x.len() / d_input;
            for first in (0..d_input).step_by(DEPTH) {
                let places = first..d_input.min(first + DEPTH);
                let tiles = tiles(&x[first..], rows, places.len(), d_input);
                arch.dispatch(AddRows {
                    tiles: &tiles,
                    panels: &panels,
                    depth: d_input,
                    places: places.start * PANEL..places.end * PANEL,
                    output,
                    columns: d_output,
                    bias: bias.filter(|_| first == 0),
                });
            }
        });
    output
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

    /// One number; less and more than a tile, a panel, the rows of a thread and the depth of a sum.
    #[test]
    fn agrees_with_the_definition() {
        for [rows, d, m] in [[1, 1, 1], [5, 3, 70], [49, 600, 64], [600, 7, 129]] {
            let (x, weight, bias) = (numbers(rows * d, 1), numbers(d * m, 2), numbers(m, 3));
            let product = |row: usize, column: usize| -> f32 {
                (0..d)
                    .map(|k| x[row * d + k] * weight[k * m + column])
                    .sum()
            };
            let places = (0..rows * m).map(|i| (i / m, i % m));
            let expected: Vec<f32> = places.clone().map(|(r, c)| product(r, c)).collect();
            assert_eq!(linear(&x, &weight, [d, m], None), expected);
            let expected: Vec<f32> = places.map(|(r, c)| product(r, c) + bias[c]).collect();
            assert_eq!(linear(&x, &weight, [d, m], Some(&bias)), expected);
        }
    }
}
