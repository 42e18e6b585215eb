//! The gates of an LSTM, forward and backward.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{
    function::{sigmoid, tanh},
    vectors::{count, load, store},
};

/// Rows of a batch that are computed together.
const ROWS: usize = 16;

/// `[batch, 4n]` sums before the gates in the order input, forget, candidate, output, and the cell state `[batch, n]`, to
/// the new hidden and cell state, `[batch, 2n]`.
pub(crate) fn gates(sums: &[f32], cell: &[f32], n: usize) -> Vec<f32> {
    let arch = Arch::new();
    let mut output = vec![0.0; cell.len() * 2];
    output
        .par_chunks_mut(ROWS * 2 * n)
        .zip(sums.par_chunks(ROWS * 4 * n))
        .zip(cell.par_chunks(ROWS * n))
        .for_each(|((output, sums), cell)| {
            arch.dispatch(Forward {
                n,
                sums,
                cell,
                output,
            });
        });
    output
}

/// Gradients of the sums and of the old cell state, from those of [`gates`]' output.
pub(crate) fn gates_backward(
    sums: &[f32],
    cell: &[f32],
    output: &[f32],
    upstream: &[f32],
    n: usize,
) -> (Vec<f32>, Vec<f32>) {
    let arch = Arch::new();
    let (mut of_sums, mut of_cell) = (vec![0.0; sums.len()], vec![0.0; cell.len()]);
    of_sums
        .par_chunks_mut(ROWS * 4 * n)
        .zip(of_cell.par_chunks_mut(ROWS * n))
        .zip(sums.par_chunks(ROWS * 4 * n))
        .zip(cell.par_chunks(ROWS * n))
        .zip(output.par_chunks(ROWS * 2 * n))
        .zip(upstream.par_chunks(ROWS * 2 * n))
        .for_each(|(((((of_sums, of_cell), sums), cell), output), upstream)| {
            arch.dispatch(Backward {
                n,
                sums,
                cell,
                output,
                upstream,
                of_sums,
                of_cell,
            });
        });
    (of_sums, of_cell)
}

struct Forward<'a> {
    n: usize,
    sums: &'a [f32],
    cell: &'a [f32],
    output: &'a mut [f32],
}

/// The four gates at vector `number` of a row of sums.
#[inline(always)]
fn activated<S: Simd>(simd: S, sums: &[f32], n: usize, number: usize) -> [S::f32s; 4] {
    let i = sigmoid(simd, load(simd, &sums[..n], number));
    let f = sigmoid(simd, load(simd, &sums[n..2 * n], number));
    let g = tanh(simd, load(simd, &sums[2 * n..3 * n], number));
    let o = sigmoid(simd, load(simd, &sums[3 * n..], number));
    [i, f, g, o]
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n = self.n;
        for (row, output) in self.output.chunks_exact_mut(2 * n).enumerate() {
            let (sums, cell) = (
                &self.sums[row * 4 * n..][..4 * n],
                &self.cell[row * n..][..n],
            );
            let (hidden, new) = output.split_at_mut(n);
            for number in 0..count::<S>(n) {
                let [i, f, g, o] = activated(simd, sums, n, number);
                let kept = simd.mul_f32s(f, load(simd, cell, number));
                let cell = simd.mul_add_f32s(i, g, kept);
                store(simd, new, number, cell);
                store(simd, hidden, number, simd.mul_f32s(o, tanh(simd, cell)));
            }
        }
    }
}

struct Backward<'a> {
    n: usize,
    sums: &'a [f32],
    cell: &'a [f32],
    output: &'a [f32],
    upstream: &'a [f32],
    of_sums: &'a mut [f32],
    of_cell: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (n, one) = (self.n, simd.splat_f32s(1.0));
        for (row, of_cell) in self.of_cell.chunks_exact_mut(n).enumerate() {
            let (sums, cell) = (
                &self.sums[row * 4 * n..][..4 * n],
                &self.cell[row * n..][..n],
            );
            let new = &self.output[row * 2 * n + n..][..n];
            let (of_hidden, of_new) = self.upstream[row * 2 * n..][..2 * n].split_at(n);
            let of_sums = &mut self.of_sums[row * 4 * n..][..4 * n];
            for number in 0..count::<S>(n) {
                let [i, f, g, o] = activated(simd, sums, n, number);
                let squashed = tanh(simd, load(simd, new, number));
                let of_hidden = load(simd, of_hidden, number);
                let slope = simd.sub_f32s(one, simd.mul_f32s(squashed, squashed));
                let through = simd.mul_f32s(simd.mul_f32s(of_hidden, o), slope);
                let of_new = simd.add_f32s(load(simd, of_new, number), through);
                store(simd, of_cell, number, simd.mul_f32s(of_new, f));
                // σ' = σ (1 − σ), tanh' = 1 − tanh².
                let of_i = simd.mul_f32s(simd.mul_f32s(of_new, g), logistic(simd, i));
                let old = load(simd, cell, number);
                let of_f = simd.mul_f32s(simd.mul_f32s(of_new, old), logistic(simd, f));
                let of_g = simd.sub_f32s(one, simd.mul_f32s(g, g));
                let of_g = simd.mul_f32s(simd.mul_f32s(of_new, i), of_g);
                let of_o = simd.mul_f32s(simd.mul_f32s(of_hidden, squashed), logistic(simd, o));
                store(simd, &mut of_sums[..n], number, of_i);
                store(simd, &mut of_sums[n..2 * n], number, of_f);
                store(simd, &mut of_sums[2 * n..3 * n], number, of_g);
                store(simd, &mut of_sums[3 * n..], number, of_o);
            }
        }
    }
}

/// `σ (1 − σ)`.
#[inline(always)]
fn logistic<S: Simd>(simd: S, sigma: S::f32s) -> S::f32s {
    simd.mul_f32s(sigma, simd.sub_f32s(simd.splat_f32s(1.0), sigma))
}
