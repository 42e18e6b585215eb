//! Blocks of queries, backward.

use pulp::{Simd, WithSimd};

use super::scale;
use crate::cpu::{
    block_products::BlockProducts,
    lines::Lines,
    product::{PANEL, TILE},
    rows::Rows,
    visibility::{BiasTable, QUERIES, Visibility, add_biases, weight},
};

/// Every so many blocks of queries of an item.
pub(super) struct Backward<'a> {
    pub(super) d: usize,
    pub(super) visibility: &'a Visibility<'a>,
    /// The first one and from one to the next.
    pub(super) blocks: [usize; 2],
    pub(super) query: Rows<'a>,
    /// In panels.
    pub(super) keys: &'a [f32],
    /// In panels of their transpose.
    pub(super) keys_transposed: &'a [f32],
    pub(super) tokens: &'a [u32],
    pub(super) targets: &'a [u32],
    pub(super) bias: &'a BiasTable,
    pub(super) none: &'a [f32],
    pub(super) matching: &'a [f32],
    pub(super) of_target: &'a [f32],
    pub(super) of_none: &'a [f32],
}

pub(super) struct PartGradients {
    /// Of the part's blocks, `[block][QUERIES][d]`.
    pub(super) query: Vec<f32>,
    /// In panels of the transpose, `[panel of keys][d, whole tiles][PANEL]`.
    pub(super) keys: Lines,
}

impl WithSimd for Backward<'_> {
    type Output = PartGradients;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> PartGradients {
        let (d, visibility) = (self.d, self.visibility);
        let num_panels = self.keys_transposed.len() / (d * PANEL);
        let panel_of_gradient = d.next_multiple_of(TILE) * PANEL;
        let mut gradients = PartGradients {
            query: Vec::new(),
            keys: Lines::zeros(num_panels * panel_of_gradient),
        };
        let mut all_scores = Lines::zeros(QUERIES * PANEL);
        let mut all_sums = Lines::zeros(d.div_ceil(PANEL) * QUERIES * PANEL);
        let mut biases = [0f32; PANEL];
        let [first, step] = self.blocks;
        for block in (first..visibility.num_blocks()).step_by(step) {
            let queries = visibility.queries(block);
            let query = self.query.narrow(queries.start, queries.len());
            let (tiles, transposed) = (query.tiles(scale(d)), query.tiles_of_transpose(scale(d)));
            let filled = queries.len().next_multiple_of(TILE);
            let scores = &mut all_scores[..filled * PANEL];
            let sums = &mut all_sums[..d.div_ceil(PANEL) * filled * PANEL];
            sums.fill(0.0);
            for panel in visibility.panels(block) {
                let keys = &self.keys_transposed[panel * d * PANEL..][..d * PANEL];
                let products = BlockProducts::new(visibility, block, panel, d);
                products.by_pair(simd, &tiles, keys, scores);
                let tokens = &self.tokens.as_chunks::<PANEL>().0[panel];
                let mut biases_of = None;
                for row in products.rows() {
                    let query = queries.start + row;
                    let event = visibility.event(query);
                    if biases_of != Some(event) {
                        visibility.biases(event, panel, self.bias, &mut biases);
                        biases_of = Some(event);
                    }
                    let scores = &mut scores.as_chunks_mut::<PANEL>().0[row];
                    add_biases(simd, scores, &biases, visibility.in_time(query, panel));
                    self.by_score(simd, query, scores, tokens);
                }
                let of_keys = &mut gradients.keys[panel * panel_of_gradient..];
                let of_keys = &mut of_keys[..panel_of_gradient];
                products.add_by_key(simd, &transposed, scores, of_keys);
                let by_rows = d.div_ceil(PANEL) * PANEL * PANEL;
                let keys = &self.keys[panel * by_rows..][..by_rows];
                products.add_by_query(simd, scores, keys, sums);
            }
            for row in 0..queries.len() {
                for (panel, first) in (0..d).step_by(PANEL).enumerate() {
                    let sums = &sums[(panel * filled + row) * PANEL..][..PANEL.min(d - first)];
                    gradients
                        .query
                        .extend(sums.iter().map(|sum| sum * scale(d)));
                }
            }
        }
        gradients
    }
}

impl Backward<'_> {
    /// The gradients of a query's scores in place of these.
    #[inline(always)]
    fn by_score<S: Simd>(
        &self,
        simd: S,
        query: usize,
        scores: &mut [f32; PANEL],
        tokens: &[u32; PANEL],
    ) {
        let (all, matching) = (-self.none[query], self.matching[query]);
        let has_match = matching > f32::NEG_INFINITY;
        let of_target = if has_match {
            self.of_target[query]
        } else {
            0.0
        };
        let of_all = simd.splat_f32s(-of_target - self.of_none[query]);
        let of_target = simd.splat_f32s(of_target);
        let [all, matching] = [all, matching].map(|sum| simd.splat_f32s(sum));
        let (zero, target) = (simd.splat_f32s(0.0), simd.splat_u32s(self.targets[query]));
        let tokens = S::as_simd_u32s(tokens).0;
        for (score, token) in S::as_mut_simd_f32s(scores).0.iter_mut().zip(tokens) {
            let mut gradient = simd.mul_f32s(of_all, weight(simd, simd.sub_f32s(*score, all)));
            if has_match {
                let is_target = simd.equal_u32s(*token, target);
                let p = weight(simd, simd.sub_f32s(*score, matching));
                let p = simd.select_f32s(is_target, p, zero);
                gradient = simd.mul_add_f32s(of_target, p, gradient);
            }
            *score = gradient;
        }
    }
}
