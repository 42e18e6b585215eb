//! The likeliest word.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::word_layer::{BLOCK, STRIDE, WordLayer, logits};

/// Positions whose logits are computed together.
const CHUNK: usize = 266;

/// For each row of `deep`, `[positions, d]`, the word with the largest logit; the first of equals.
///
/// Logits are compared block by block while they are in the cache, and never stored together.
pub(in crate::ops) fn argmax(deep: &[f32], layer: &WordLayer) -> Vec<usize> {
    let arch = Arch::new();
    let mut words = Vec::with_capacity(deep.len() / layer.d);
    for deep in deep.chunks(CHUNK * layer.d) {
        let bests: Vec<Vec<(f32, usize)>> = (0..layer.num_blocks())
            .into_par_iter()
            .map_init(Vec::new, |scratch, number| {
                let (panels, bias) = layer.block(number);
                let d = layer.d;
                scratch.resize(deep.len() / d * STRIDE, 0.0);
                arch.dispatch(Block {
                    deep,
                    d,
                    panels,
                    bias,
                    logits: scratch,
                })
            })
            .collect();
        words.extend((0..deep.len() / layer.d).map(|row| {
            let mut best = (f32::NEG_INFINITY, 0);
            for (number, block) in bests.iter().enumerate() {
                let (logit, word) = block[row];
                if logit > best.0 {
                    best = (logit, number * BLOCK + word);
                }
            }
            best.1
        }));
    }
    words
}

/// A block of words.
struct Block<'a> {
    deep: &'a [f32],
    d: usize,
    panels: &'a [f32],
    bias: &'a [f32],
    logits: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = Vec<(f32, usize)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        logits(simd, self.deep, self.d, self.panels, self.bias, self.logits);
        // No closures: they would not be compiled for the vectors of `S`.
        let mut bests = Vec::with_capacity(self.logits.len() / STRIDE);
        for row in self.logits.chunks_exact(STRIDE) {
            bests.push(first_largest(simd, &row[..self.bias.len()]));
        }
        bests
    }
}

/// The largest of whole vectors of logits and its place, the first of equals.
#[inline(always)]
fn first_largest<S: Simd>(simd: S, row: &[f32]) -> (f32, usize) {
    let mut largest = simd.splat_f32s(f32::NEG_INFINITY);
    let mut places = simd.splat_u32s(0);
    for (number, logits) in (0u32..).zip(S::as_simd_f32s(row).0) {
        let larger = simd.greater_than_f32s(*logits, largest);
        largest = simd.select_f32s(larger, *logits, largest);
        places = simd.select_u32s(larger, simd.splat_u32s(number), places);
    }
    let mut best = (f32::NEG_INFINITY, usize::MAX);
    let lanes = bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(&largest));
    let vectors = bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(&places));
    for (lane, (&logit, &vector)) in lanes.iter().zip(vectors).enumerate() {
        let place = vector as usize * S::F32_LANES + lane;
        if logit > best.0 || (logit == best.0 && place < best.1) {
            best = (logit, place);
        }
    }
    best
}
