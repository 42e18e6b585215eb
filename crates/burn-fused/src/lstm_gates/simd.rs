//! The gates of an LSTM, forward and backward.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    functions::{sigmoid, tanh},
    vectors::{count, load, store},
};

/// Rows of a batch that are computed together.
const ROWS: usize = 16;

/// `[batch, 4n]` pre_activations before the gates in the order input, forget, candidate, output,
/// and the cell state `[batch, n]`, to the new hidden and cell state, `[batch, 2n]`.
pub(super) fn gates(pre_activations: &[f32], cell: &[f32], n: usize) -> Vec<f32> {
    let arch = Arch::new();
    let mut output = vec![0.0; cell.len() * 2];
    output
        .par_chunks_mut(ROWS * 2 * n)
        .zip(pre_activations.par_chunks(ROWS * 4 * n))
        .zip(cell.par_chunks(ROWS * n))
        .for_each(|((output, pre_activations), cell)| {
            arch.dispatch(Forward {
                n,
                pre_activations,
                cell,
                output,
            });
        });
    output
}

/// Gradients of the pre_activations and of the old cell state, from those of [`gates`]' output.
pub(super) fn gates_backward(
    pre_activations: &[f32],
    cell: &[f32],
    output: &[f32],
    upstream: &[f32],
    n: usize,
) -> (Vec<f32>, Vec<f32>) {
    let arch = Arch::new();
    let (mut grad_pre_activations, mut grad_cell) =
        (vec![0.0; pre_activations.len()], vec![0.0; cell.len()]);
    grad_pre_activations
        .par_chunks_mut(ROWS * 4 * n)
        .zip(grad_cell.par_chunks_mut(ROWS * n))
        .zip(pre_activations.par_chunks(ROWS * 4 * n))
        .zip(cell.par_chunks(ROWS * n))
        .zip(output.par_chunks(ROWS * 2 * n))
        .zip(upstream.par_chunks(ROWS * 2 * n))
        .for_each(
            |(((((grad_pre_activations, grad_cell), pre_activations), cell), output), upstream)| {
                arch.dispatch(Backward {
                    n,
                    pre_activations,
                    cell,
                    output,
                    upstream,
                    grad_pre_activations,
                    grad_cell,
                });
            },
        );
    (grad_pre_activations, grad_cell)
}

struct Forward<'a> {
    n: usize,
    pre_activations: &'a [f32],
    cell: &'a [f32],
    output: &'a mut [f32],
}

/// The four gates at vector `number` of a row of pre_activations.
#[inline(always)]
fn activations<S: Simd>(simd: S, pre_activations: &[f32], n: usize, number: usize) -> [S::f32s; 4] {
    let i = sigmoid(simd, load(simd, &pre_activations[..n], number));
    let f = sigmoid(simd, load(simd, &pre_activations[n..2 * n], number));
    let g = tanh(simd, load(simd, &pre_activations[2 * n..3 * n], number));
    let o = sigmoid(simd, load(simd, &pre_activations[3 * n..], number));
    [i, f, g, o]
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n = self.n;
        for (row, output) in self.output.chunks_exact_mut(2 * n).enumerate() {
            let (pre_activations, cell) = (
                &self.pre_activations[row * 4 * n..][..4 * n],
                &self.cell[row * n..][..n],
            );
            let (hidden, new) = output.split_at_mut(n);
            for number in 0..count::<S>(n) {
                let [i, f, g, o] = activations(simd, pre_activations, n, number);
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
    pre_activations: &'a [f32],
    cell: &'a [f32],
    output: &'a [f32],
    upstream: &'a [f32],
    grad_pre_activations: &'a mut [f32],
    grad_cell: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (n, one) = (self.n, simd.splat_f32s(1.0));
        for (row, grad_cell) in self.grad_cell.chunks_exact_mut(n).enumerate() {
            let (pre_activations, cell) = (
                &self.pre_activations[row * 4 * n..][..4 * n],
                &self.cell[row * n..][..n],
            );
            let new = &self.output[row * 2 * n + n..][..n];
            let (grad_hidden, grad_new) = self.upstream[row * 2 * n..][..2 * n].split_at(n);
            let grad_pre_activations = &mut self.grad_pre_activations[row * 4 * n..][..4 * n];
            for number in 0..count::<S>(n) {
                let [i, f, g, o] = activations(simd, pre_activations, n, number);
                let squashed = tanh(simd, load(simd, new, number));
                let grad_hidden = load(simd, grad_hidden, number);
                let slope = simd.sub_f32s(one, simd.mul_f32s(squashed, squashed));
                let through = simd.mul_f32s(simd.mul_f32s(grad_hidden, o), slope);
                let grad_new = simd.add_f32s(load(simd, grad_new, number), through);
                store(simd, grad_cell, number, simd.mul_f32s(grad_new, f));
                // σ' = σ (1 − σ), tanh' = 1 − tanh².
                let grad_i = simd.mul_f32s(simd.mul_f32s(grad_new, g), logistic(simd, i));
                let old = load(simd, cell, number);
                let grad_f = simd.mul_f32s(simd.mul_f32s(grad_new, old), logistic(simd, f));
                let grad_g = simd.sub_f32s(one, simd.mul_f32s(g, g));
                let grad_g = simd.mul_f32s(simd.mul_f32s(grad_new, i), grad_g);
                let grad_o = simd.mul_f32s(simd.mul_f32s(grad_hidden, squashed), logistic(simd, o));
                store(simd, &mut grad_pre_activations[..n], number, grad_i);
                store(simd, &mut grad_pre_activations[n..2 * n], number, grad_f);
                store(
                    simd,
                    &mut grad_pre_activations[2 * n..3 * n],
                    number,
                    grad_g,
                );
                store(simd, &mut grad_pre_activations[3 * n..], number, grad_o);
            }
        }
    }
}

/// `σ (1 − σ)`.
#[inline(always)]
fn logistic<S: Simd>(simd: S, sigma: S::f32s) -> S::f32s {
    simd.mul_f32s(sigma, simd.sub_f32s(simd.splat_f32s(1.0), sigma))
}
