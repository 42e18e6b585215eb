//! A step of Adam in one pass over memory.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::vectors::{count, load, store};

/// Numbers that are computed together.
const PIECE: usize = 1 << 14;

/// What is the same for all weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamStep {
    pub(super) beta_1: f32,
    pub(super) beta_2: f32,
    /// Learning rate with the correction of both moments' bias.
    pub(super) rate: f32,
    /// ε with the correction of the second moment's bias.
    pub(super) epsilon: f32,
}

impl AdamStep {
    /// `m ← β₁ m + (1 − β₁) g`; `v ← β₂ v + (1 − β₂) g²`; `w ← w − rate · m / (√v + ε)`.
    pub(super) fn apply(&self, w: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32]) {
        let arch = Arch::new();
        w.par_chunks_mut(PIECE)
            .zip(m.par_chunks_mut(PIECE))
            .zip(v.par_chunks_mut(PIECE))
            .zip(g.par_chunks(PIECE))
            .for_each(|(((w, m), v), g)| {
                let step = *self;
                arch.dispatch(Piece { step, w, m, v, g });
            });
    }
}

struct Piece<'a> {
    step: AdamStep,
    w: &'a mut [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    g: &'a [f32],
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let step = self.step;
        let (beta_1, rest_1) = (
            simd.splat_f32s(step.beta_1),
            simd.splat_f32s(1.0 - step.beta_1),
        );
        let (beta_2, rest_2) = (
            simd.splat_f32s(step.beta_2),
            simd.splat_f32s(1.0 - step.beta_2),
        );
        let (rate, epsilon) = (simd.splat_f32s(step.rate), simd.splat_f32s(step.epsilon));
        for number in 0..count::<S>(self.w.len()) {
            let g = load(simd, self.g, number);
            let old = simd.mul_f32s(beta_1, load(simd, self.m, number));
            let m = simd.mul_add_f32s(rest_1, g, old);
            let old = simd.mul_f32s(beta_2, load(simd, self.v, number));
            let v = simd.mul_add_f32s(rest_2, simd.mul_f32s(g, g), old);
            let size = simd.add_f32s(simd.sqrt_f32s(v), epsilon);
            let delta = simd.div_f32s(simd.mul_f32s(rate, m), size);
            let w = simd.sub_f32s(load(simd, self.w, number), delta);
            store(simd, self.m, number, m);
            store(simd, self.v, number, v);
            store(simd, self.w, number, w);
        }
    }
}
