//! Causal attention of a few queries, key by key: what generating a token at a time needs.
//!
//! Blocks would first bring all keys and values into the order of products, which takes longer than
//! reading them once for each query.

use pulp::{Simd, WithSimd};

use crate::{
    ItemRelations,
    cpu::{
        rows::Rows,
        vectors::{count, dot, load, store},
        visibility::{BiasTable, weight},
    },
};

/// Vectors of the output that are summed in registers while the values are read.
const SUMS: usize = 4;

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
        let mut weights = vec![0.0; events.len()];
        let mut largest = f32::MIN;
        for (number, (score, event)) in weights.iter_mut().zip(events).enumerate() {
            let bias = self.bias[usize::from(classes[*event as usize])];
            *score = bias;
            if bias > f32::NEG_INFINITY {
                *score += dot(simd, self.query, self.keys.row(number)) * self.scale;
                largest = largest.max(*score);
            }
        }
        let (shift, mut total) = (simd.splat_f32s(largest), simd.splat_f32s(0.0));
        let whole = weights.len().next_multiple_of(S::F32_LANES);
        weights.resize(whole, f32::NEG_INFINITY);
        for score in S::as_mut_simd_f32s(&mut weights).0 {
            *score = weight(simd, simd.sub_f32s(*score, shift));
            total = simd.add_f32s(total, *score);
        }
        let total = simd.reduce_sum_f32s(total);
        let factor = simd.splat_f32s(1.0 / total);
        let vectors = count::<S>(self.output.len());
        for first in (0..vectors).step_by(SUMS) {
            let mut sums = [simd.splat_f32s(0.0); SUMS];
            for (number, weight) in weights[..events.len()].iter().enumerate() {
                if *weight == 0.0 {
                    continue; // hidden, or as good as
                }
                let (value, weight) = (self.values.row(number), simd.splat_f32s(*weight));
                for (place, sum) in sums.iter_mut().enumerate() {
                    if first + place < vectors {
                        let value = load(simd, value, first + place);
                        *sum = simd.mul_add_f32s(weight, value, *sum);
                    }
                }
            }
            for (place, sum) in sums.into_iter().enumerate() {
                if first + place < vectors {
                    store(simd, self.output, first + place, simd.mul_f32s(sum, factor));
                }
            }
        }
        largest + total.ln()
    }
}
