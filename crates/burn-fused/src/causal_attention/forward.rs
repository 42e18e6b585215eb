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
    /// In panels.
    pub(super) values: &'a [f32],
    pub(super) bias: &'a BiasTable,
    pub(super) output: &'a mut [f32],
    pub(super) log_sum_exp: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let queries = self.visibility.queries(self.block);
        let filled = queries.len().next_multiple_of(TILE);
        let by_columns = filled * PANEL;
        let mut scores = Lines::zeros(filled * PANEL);
        // [panel of d][query][PANEL]
        let mut sums = Lines::zeros(self.d.div_ceil(PANEL) * by_columns);
        let mut largest = [f32::MIN; QUERIES];
        let mut totals = [0f32; QUERIES];
        let mut biases = [0f32; PANEL];
        let panel_of_values = self.d.div_ceil(PANEL) * PANEL * PANEL;
        for panel in self.visibility.panels(self.block) {
            let keys = &self.keys[panel * self.d * PANEL..][..self.d * PANEL];
            let products = BlockProducts::new(self.visibility, self.block, panel, self.d);
            products.by_pair(simd, self.queries, keys, &mut scores);
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
                let before = largest[row];
                let mut now = simd.splat_f32s(before);
                let scores = S::as_mut_simd_f32s(scores).0;
                for score in &*scores {
                    now = simd.max_f32s(now, *score);
                }
                let now = simd.reduce_max_f32s(now);
                if now > before {
                    let factor = (before - now).exp();
                    largest[row] = now;
                    totals[row] *= factor;
                    let factor = simd.splat_f32s(factor);
                    for sums in sums.chunks_exact_mut(by_columns) {
                        for sum in S::as_mut_simd_f32s(&mut sums[row * PANEL..][..PANEL]).0 {
                            *sum = simd.mul_f32s(*sum, factor);
                        }
                    }
                }
                let (shift, mut total) = (simd.splat_f32s(now), simd.splat_f32s(0.0));
                for score in scores {
                    *score = weight(simd, simd.sub_f32s(*score, shift));
                    total = simd.add_f32s(total, *score);
                }
                totals[row] += simd.reduce_sum_f32s(total);
            }
            let values = &self.values[panel * panel_of_values..][..panel_of_values];
            products.add_by_query(simd, &scores, values, &mut sums);
        }
        for (row, output) in self.output.chunks_exact_mut(self.d).enumerate() {
            self.log_sum_exp[row] = largest[row] + totals[row].ln();
            let factor = 1.0 / totals[row];
            for (output, sums) in output.chunks_mut(PANEL).zip(sums.chunks_exact(by_columns)) {
                for (output, sum) in output.iter_mut().zip(&sums[row * PANEL..]) {
                    *output = sum * factor;
                }
            }
        }
    }
}
