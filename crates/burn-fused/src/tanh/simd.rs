//! Functions of single numbers.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    functions,
    vectors::{count, load, store},
};

/// Numbers that a thread takes at a time.
const PART: usize = 1 << 14;

/// `tanh` of each number.
pub(super) fn tanh(values: &[f32]) -> Vec<f32> {
    let arch = Arch::new();
    let mut output = vec![0.0; values.len()];
    output
        .par_chunks_mut(PART)
        .zip(values.par_chunks(PART))
        .for_each(|(output, values)| arch.dispatch(Tanh { values, output }));
    output
}

/// The gradient of what [`tanh`] was taken of, from its output and that one's gradient.
pub(super) fn tanh_backward(output: &[f32], upstream: &[f32]) -> Vec<f32> {
    let arch = Arch::new();
    let mut gradient = vec![0.0; output.len()];
    gradient
        .par_chunks_mut(PART)
        .zip(output.par_chunks(PART))
        .zip(upstream.par_chunks(PART))
        .for_each(|((gradient, output), upstream)| {
            arch.dispatch(TanhBackward {
                output,
                upstream,
                gradient,
            });
        });
    gradient
}

struct Tanh<'a> {
    values: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Tanh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for number in 0..count::<S>(self.values.len()) {
            let value = load(simd, self.values, number);
            store(simd, self.output, number, functions::tanh(simd, value));
        }
    }
}

struct TanhBackward<'a> {
    output: &'a [f32],
    upstream: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for TanhBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for number in 0..count::<S>(self.output.len()) {
            let (y, slope) = (
                load(simd, self.output, number),
                load(simd, self.upstream, number),
            );
            // up (1 − y²)
            let lost = simd.mul_f32s(simd.mul_f32s(y, y), slope);
            store(simd, self.gradient, number, simd.sub_f32s(slope, lost));
        }
    }
}
