//! Causal attention of a few queries, key by key: what generating a token at a time needs.
//!
//! Blocks would first bring all keys and values into the order of products, which takes longer than
//! reading them once for each query.

use pulp::{Simd, WithSimd};

use crate::{
    ItemRelations,
    cpu::{
        rows::Rows,
        vectors::{count, load, store},
        visibility::{BiasTable, weight},
    },
};

/// Vectors of a row that are computed together, in registers while all keys are read.
const TOGETHER: usize = 4;

/// One query of an item and head.
pub(super) struct Step<'a> {
    pub(super) relations: &'a ItemRelations,
    pub(super) position: usize,
    pub(super) query: &'a [f32],
    pub(super) keys: Rows<'a>,
    pub(super) values: Rows<'a>,
    pub(super) scale: f32,
    pub(super) bias: &'a BiasTable,
    pub(super) output: &'a mut [f32],
}

impl WithSimd for Step<'_> {
    /// The logarithm of the sum of the exponentials of the scores.
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let events = &self.relations.event_of[..=self.position];
        let classes = self.relations.classes_of(events[self.position]);
        let mut weights: Vec<f32> = Vec::with_capacity(events.len() + S::F32_LANES);
        for event in events {
            weights.push(self.bias[usize::from(classes[*event as usize])]);
        }
        let vectors = count::<S>(self.query.len());
        for first in (0..vectors).step_by(TOGETHER) {
            match vectors - first {
                1 => self.add_scores::<S, 1>(simd, first, &mut weights),
                2 => self.add_scores::<S, 2>(simd, first, &mut weights),
                3 => self.add_scores::<S, 3>(simd, first, &mut weights),
                _ => self.add_scores::<S, TOGETHER>(simd, first, &mut weights),
            }
        }

        weights.resize(
            events.len().next_multiple_of(S::F32_LANES),
            f32::NEG_INFINITY,
        );
        let in_vectors = S::as_mut_simd_f32s(&mut weights).0;
        let mut largest = simd.splat_f32s(f32::MIN);
        for score in &*in_vectors {
            largest = simd.max_f32s(largest, *score);
        }
        let largest = simd.reduce_max_f32s(largest);
        let (shift, mut total) = (simd.splat_f32s(largest), simd.splat_f32s(0.0));
        for score in in_vectors {
            *score = weight(simd, simd.sub_f32s(*score, shift));
            total = simd.add_f32s(total, *score);
        }
        let total = simd.reduce_sum_f32s(total);

        let weights = &weights[..events.len()];
        for first in (0..vectors).step_by(TOGETHER) {
            let (rows, factor) = (self.values, 1.0 / total);
            let output = &mut self.output[first * S::F32_LANES..];
            match vectors - first {
                1 => mean::<S, 1>(simd, rows, first, weights, factor, output),
                2 => mean::<S, 2>(simd, rows, first, weights, factor, output),
                3 => mean::<S, 3>(simd, rows, first, weights, factor, output),
                _ => mean::<S, TOGETHER>(simd, rows, first, weights, factor, output),
            }
        }
        largest + total.ln()
    }
}

impl Step<'_> {
    /// Adds what `V` vectors of the keys, from vector `first` on, add to the scores of the visible
    /// ones.
    #[inline(always)]
    fn add_scores<S: Simd, const V: usize>(&self, simd: S, first: usize, scores: &mut [f32]) {
        let mut query = [simd.splat_f32s(0.0); V];
        for (number, query) in query.iter_mut().enumerate() {
            *query = load(simd, self.query, first + number);
        }
        for (number, score) in scores.iter_mut().enumerate() {
            if *score == f32::NEG_INFINITY {
                continue;
            }
            let key = self.keys.row(number);
            let mut sum = simd.splat_f32s(0.0);
            for (number, query) in query.iter().enumerate() {
                sum = simd.mul_add_f32s(*query, load(simd, key, first + number), sum);
            }
            *score += simd.reduce_sum_f32s(sum) * self.scale;
        }
    }
}

/// `V` vectors of the weighted sum of rows, from vector `first` on, times `factor`.
#[inline(always)]
fn mean<S: Simd, const V: usize>(
    simd: S,
    rows: Rows<'_>,
    first: usize,
    weights: &[f32],
    factor: f32,
    output: &mut [f32],
) {
    let mut sums = [simd.splat_f32s(0.0); V];
    for (number, weight) in weights.iter().enumerate() {
        if *weight == 0.0 {
            continue; // hidden, or as good as
        }
        let (row, weight) = (rows.row(number), simd.splat_f32s(*weight));
        for (number, sum) in sums.iter_mut().enumerate() {
            *sum = simd.mul_add_f32s(weight, load(simd, row, first + number), *sum);
        }
    }
    let factor = simd.splat_f32s(factor);
    for (number, sum) in sums.into_iter().enumerate() {
        store(simd, output, number, simd.mul_f32s(sum, factor));
    }
}
