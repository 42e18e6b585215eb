//! A block of queries, forward.

use pulp::{Simd, WithSimd};

use crate::cpu::{
    block_products::BlockProducts,
    lines::Lines,
    product::{PANEL, TILE},
    visibility::{BiasTable, QUERIES, Visibility, add_biases, weight},
};

/// A block of queries.
pub(super) struct Forward<'a> {
    pub(super) d: usize,
    pub(super) visibility: &'a Visibility<'a>,
    pub(super) block: usize,
    /// By `1/√d`, in tiles.
    pub(super) queries: &'a [f32],
    /// In panels of their transpose.
    pub(super) keys: &'a [f32],
    pub(super) tokens: &'a [u32],
    pub(super) targets: &'a [u32],
    pub(super) bias: &'a BiasTable,
    pub(super) none: &'a mut [f32],
    pub(super) matching: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let queries = self.visibility.queries(self.block);
        let mut scores = Lines::zeros(queries.len().next_multiple_of(TILE) * PANEL);
        let mut biases = [0f32; PANEL];
        // None has a score of 0 and is one of all.
        let mut all = [LogSum {
            largest: 0.0,
            sum: 1.0,
        }; QUERIES];
        let mut matching = [LogSum::EMPTY; QUERIES];
        for panel in self.visibility.panels(self.block) {
            let keys = &self.keys[panel * self.d * PANEL..][..self.d * PANEL];
            let products = BlockProducts::new(self.visibility, self.block, panel, self.d);
            products.by_pair(simd, self.queries, keys, &mut scores);
            let tokens = &self.tokens.as_chunks::<PANEL>().0[panel];
            let mut biases_of = None;
            for row in products.rows() {
                let event = self.visibility.event(queries.start + row);
                if biases_of != Some(event) {
                    let visibility = self.visibility;
                    visibility.biases(event, panel, self.bias, &mut biases);
                    biases_of = Some(event);
                }
                let scores = &mut scores.as_chunks_mut::<PANEL>().0[row];
                let in_time = self.visibility.in_time(queries.start + row, panel);
                add_biases(simd, scores, &biases, in_time);
                all[row].add(simd, scores);
                if hide_others(simd, scores, tokens, self.targets[row]) {
                    matching[row].add(simd, scores);
                }
            }
        }
        let rows = self.none.iter_mut().zip(self.matching);
        for ((none, found), (all, matching)) in rows.zip(all.iter().zip(&matching)) {
            *none = -all.log();
            *found = matching.log();
        }
    }
}

/// The logarithm of a sum of exponentials that grows.
#[derive(Clone, Copy)]
struct LogSum {
    largest: f32,
    /// Of `exp(score − largest)`.
    sum: f32,
}

impl LogSum {
    const EMPTY: Self = Self {
        largest: f32::MIN,
        sum: 0.0,
    };

    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, scores: &[f32; PANEL]) {
        let scores = S::as_simd_f32s(scores).0;
        let mut largest = simd.splat_f32s(self.largest);
        for score in scores {
            largest = simd.max_f32s(largest, *score);
        }
        let largest = simd.reduce_max_f32s(largest);
        let (shift, mut sum) = (simd.splat_f32s(largest), simd.splat_f32s(0.0));
        for score in scores {
            sum = simd.add_f32s(sum, weight(simd, simd.sub_f32s(*score, shift)));
        }
        if largest > self.largest {
            self.sum *= (self.largest - largest).exp();
            self.largest = largest;
        }
        self.sum += simd.reduce_sum_f32s(sum);
    }

    /// −∞ if nothing was added.
    fn log(&self) -> f32 {
        self.largest + self.sum.ln()
    }
}

/// Hides all keys but those of one token; `false` if nothing is left.
#[inline(always)]
fn hide_others<S: Simd>(
    simd: S,
    scores: &mut [f32; PANEL],
    tokens: &[u32; PANEL],
    target: u32,
) -> bool {
    let hidden = simd.splat_f32s(f32::NEG_INFINITY);
    let target = simd.splat_u32s(target);
    let mut largest = hidden;
    let tokens = S::as_simd_u32s(tokens).0;
    for (score, token) in S::as_mut_simd_f32s(scores).0.iter_mut().zip(tokens) {
        let is_target = simd.equal_u32s(*token, target);
        *score = simd.select_f32s(is_target, *score, hidden);
        largest = simd.max_f32s(largest, *score);
    }
    simd.reduce_max_f32s(largest) > f32::NEG_INFINITY
}
