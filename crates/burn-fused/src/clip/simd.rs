//! The norm of gradients and their scaling, in one pass over memory each.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::vectors::dot;

/// Numbers that are computed together.
const PIECE: usize = 1 << 14;

/// `Σ x²`, pieces in `f32` and their sum in `f64`.
pub(super) fn squared_norm(values: &[f32]) -> f64 {
    let arch = Arch::new();
    let parts: Vec<f64> = values
        .par_chunks(PIECE)
        .map(|piece| f64::from(arch.dispatch(Squares(piece))))
        .collect();
    parts.iter().sum()
}

struct Squares<'a>(&'a [f32]);

impl WithSimd for Squares<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        dot(simd, self.0, self.0)
    }
}

/// Multiplies all numbers in place.
pub(super) fn scale(values: &mut [f32], factor: f32) {
    values.par_chunks_mut(PIECE).for_each(|piece| {
        for value in piece {
            *value *= factor;
        }
    });
}
