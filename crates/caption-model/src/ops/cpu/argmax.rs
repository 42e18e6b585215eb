//! The likeliest word.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{
    panels::tiles,
    product::{PANEL, Sink, TILE, multiply},
    word_layer::WordLayer,
};

/// Positions whose logits are computed together.
const CHUNK: usize = 288;
/// Panels of words that a thread takes at a time.
const PANELS: usize = 4;

/// For each row of `deep`, `[positions, d]`, the word with the largest logit; the first of equals.
///
/// Logits are compared panel by panel while they are in the cache, and never stored together.
pub(in crate::ops) fn argmax(deep: &[f32], layer: &WordLayer) -> Vec<usize> {
    let arch = Arch::new();
    let mut words = Vec::with_capacity(deep.len() / layer.d);
    for deep in deep.chunks(CHUNK * layer.d) {
        let rows = deep.len() / layer.d;
        let deep = tiles(deep, rows, layer.d, layer.d);
        let bests: Vec<Vec<(f32, usize)>> = (0..layer.num_panels().div_ceil(PANELS))
            .into_par_iter()
            .map(|block| {
                let end = layer.num_panels().min((block + 1) * PANELS);
                let (panels, bias) = layer.block(block * PANELS..end);
                arch.dispatch(Block {
                    rows,
                    deep: &deep,
                    panels,
                    bias,
                })
            })
            .collect();
        words.extend((0..rows).map(|row| {
            let mut best = (f32::NEG_INFINITY, 0);
            for (block, bests) in bests.iter().enumerate() {
                let (logit, word) = bests[row];
                if logit > best.0 {
                    best = (logit, block * PANELS * PANEL + word);
                }
            }
            best.1
        }));
    }
    words
}

/// Some panels of words.
struct Block<'a> {
    rows: usize,
    /// In tiles.
    deep: &'a [f32],
    panels: &'a [f32],
    bias: &'a [f32],
}

impl WithSimd for Block<'_> {
    type Output = Vec<(f32, usize)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let nothing = (simd.splat_f32s(f32::NEG_INFINITY), simd.splat_u32s(0));
        let mut largest = vec![nothing; self.rows.next_multiple_of(TILE)];
        let num_panels = self.bias.len() / PANEL;
        for (number, (panel, bias)) in self
            .panels
            .chunks_exact(self.panels.len() / num_panels)
            .zip(self.bias.chunks_exact(PANEL))
            .enumerate()
        {
            let mut sink = Largest::<S> {
                largest: &mut largest,
                bias: S::as_simd_f32s(bias).0,
                vectors_before: number * PANEL / S::F32_LANES,
            };
            multiply(simd, self.deep, panel, &mut sink);
        }
        // No closures: they would not be compiled for the vectors of `S`.
        let mut bests = Vec::with_capacity(self.rows);
        for largest in &largest[..self.rows] {
            bests.push(first_largest::<S>(largest));
        }
        bests
    }
}

/// Keeps for each position and lane the largest logit and the number of its vector, the first of equals.
struct Largest<'a, S: Simd> {
    largest: &'a mut [(S::f32s, S::u32s)],
    bias: &'a [S::f32s],
    /// Vectors of the panels before this one.
    vectors_before: usize,
}

impl<S: Simd> Sink<S> for Largest<'_, S> {
    #[inline(always)]
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    ) {
        let first = first / S::F32_LANES;
        let bias = &self.bias[first..];
        let rows = &mut self.largest[tile * TILE..];
        for ((largest, place), product) in rows.iter_mut().zip(product) {
            let vectors = self.vectors_before + first..;
            for ((number, product), bias) in vectors.zip(product).zip(bias) {
                let number = simd.splat_u32s(u32::try_from(number).unwrap_or(u32::MAX));
                let logit = simd.add_f32s(*product, *bias);
                let larger = simd.greater_than_f32s(logit, *largest);
                *largest = simd.select_f32s(larger, logit, *largest);
                *place = simd.select_u32s(larger, number, *place);
            }
        }
    }
}

/// The largest of the logits that were largest in each lane, by number of the vector, and its place; the first of equals.
#[inline(always)]
fn first_largest<S: Simd>((largest, vectors): &(S::f32s, S::u32s)) -> (f32, usize) {
    let mut best = (f32::NEG_INFINITY, usize::MAX);
    let lanes = bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(largest));
    let vectors = bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(vectors));
    for (lane, (&logit, &vector)) in lanes.iter().zip(vectors).enumerate() {
        let place = vector as usize * S::F32_LANES + lane;
        if logit > best.0 || (logit == best.0 && place < best.1) {
            best = (logit, place);
        }
    }
    best
}
