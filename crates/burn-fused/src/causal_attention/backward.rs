//! Blocks of queries, backward.

use pulp::{Simd, WithSimd};

use crate::cpu::{
    block_products::BlockProducts,
    lines::Lines,
    product::{PANEL, TILE},
    rows::Rows,
    vectors::dot,
    visibility::{BiasTable, QUERIES, Visibility, add_biases, weight},
};

/// Every so many blocks of queries of an item and head.
pub(super) struct Backward<'a> {
    pub(super) d: usize,
    pub(super) scale: f32,
    pub(super) visibility: &'a Visibility<'a>,
    /// The first one and from one to the next.
    pub(super) blocks: [usize; 2],
    pub(super) query: Rows<'a>,
    pub(super) output: Rows<'a>,
    pub(super) upstream: Rows<'a>,
    pub(super) log_sum_exp: &'a [f32],
    /// In panels.
    pub(super) keys: &'a [f32],
    /// In panels of their transpose.
    pub(super) keys_transposed: &'a [f32],
    /// In panels of their transpose.
    pub(super) values_transposed: &'a [f32],
    pub(super) bias: &'a BiasTable,
}

pub(super) struct PartGradients {
    /// Of the part's blocks, `[block][QUERIES][d]`.
    pub(super) query: Vec<f32>,
    /// In panels of the transpose, `[panel of keys][d, whole tiles][PANEL]`.
    pub(super) keys: Lines,
    /// The same.
    pub(super) values: Lines,
    /// By class.
    pub(super) bias: [f64; 256],
}

impl WithSimd for Backward<'_> {
    type Output = PartGradients;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> PartGradients {
        let (d, visibility) = (self.d, self.visibility);
        let num_panels = self.keys_transposed.len() / (d * PANEL);
        let panel_of_gradient = d.next_multiple_of(TILE) * PANEL;
        let [first, step] = self.blocks;
        let mut gradients = PartGradients {
            query: Vec::new(),
            keys: Lines::zeros(num_panels * panel_of_gradient),
            values: Lines::zeros(num_panels * panel_of_gradient),
            bias: [0.0; 256],
        };
        let mut all_weights = Lines::zeros(QUERIES * PANEL);
        let mut all_scores = Lines::zeros(QUERIES * PANEL);
        let mut all_sums = Lines::zeros(d.div_ceil(PANEL) * QUERIES * PANEL);
        let mut biases = [0f32; PANEL];
        for block in (first..visibility.num_blocks()).step_by(step) {
            let queries = visibility.queries(block);
            let [query, output, upstream] = [self.query, self.output, self.upstream]
                .map(|rows| rows.narrow(queries.start, queries.len()));
            let mut means = [0f32; QUERIES];
            for (row, mean) in means.iter_mut().take(queries.len()).enumerate() {
                *mean = dot(simd, output.row(row), upstream.row(row));
            }
            let (query_tiles, query_transposed) = (
                query.tiles(self.scale),
                query.tiles_of_transpose(self.scale),
            );
            let (upstream_tiles, upstream_transposed) =
                (upstream.tiles(1.0), upstream.tiles_of_transpose(1.0));
            let filled = queries.len().next_multiple_of(TILE);
            let weights = &mut all_weights[..filled * PANEL];
            let grad_scores = &mut all_scores[..filled * PANEL];
            let sums = &mut all_sums[..d.div_ceil(PANEL) * filled * PANEL];
            sums.fill(0.0);
            for panel in visibility.panels(block) {
                let keys = &self.keys_transposed[panel * d * PANEL..][..d * PANEL];
                let values = &self.values_transposed[panel * d * PANEL..][..d * PANEL];
                let products = BlockProducts::new(visibility, block, panel, d);
                products.by_pair(simd, &query_tiles, keys, weights);
                products.by_pair(simd, &upstream_tiles, values, grad_scores);
                let mut biases_of = None;
                let mut by_key = [0f32; PANEL];
                for row in products.rows() {
                    let event = visibility.event(queries.start + row);
                    if biases_of != Some(event) {
                        if let Some(event) = biases_of {
                            visibility.add_by_class(event, panel, &by_key, &mut gradients.bias);
                            by_key = [0.0; PANEL];
                        }
                        visibility.biases(event, panel, self.bias, &mut biases);
                        biases_of = Some(event);
                    }
                    let weights = &mut weights.as_chunks_mut::<PANEL>().0[row];
                    let in_time = visibility.in_time(queries.start + row, panel);
                    add_biases(simd, weights, &biases, in_time);
                    let shift = simd.splat_f32s(self.log_sum_exp[queries.start + row]);
                    let mean = simd.splat_f32s(means[row]);
                    let grad_scores = &mut grad_scores.as_chunks_mut::<PANEL>().0[row];
                    for ((p, gradient), by_key) in S::as_mut_simd_f32s(weights)
                        .0
                        .iter_mut()
                        .zip(S::as_mut_simd_f32s(grad_scores).0)
                        .zip(S::as_mut_simd_f32s(&mut by_key).0)
                    {
                        *p = weight(simd, simd.sub_f32s(*p, shift));
                        *gradient = simd.mul_f32s(*p, simd.sub_f32s(*gradient, mean));
                        *by_key = simd.add_f32s(*by_key, *gradient);
                    }
                }
                if let Some(event) = biases_of {
                    visibility.add_by_class(event, panel, &by_key, &mut gradients.bias);
                }
                let at = panel * panel_of_gradient..(panel + 1) * panel_of_gradient;
                let (of_keys, of_values) = (&mut gradients.keys, &mut gradients.values);
                products.add_by_key(
                    simd,
                    &query_transposed,
                    grad_scores,
                    &mut of_keys[at.clone()],
                );
                products.add_by_key(simd, &upstream_transposed, weights, &mut of_values[at]);
                let by_rows = d.div_ceil(PANEL) * PANEL * PANEL;
                let keys = &self.keys[panel * by_rows..][..by_rows];
                products.add_by_query(simd, grad_scores, keys, sums);
            }
            for row in 0..queries.len() {
                for (panel, first) in (0..d).step_by(PANEL).enumerate() {
                    let sums = &sums[(panel * filled + row) * PANEL..][..PANEL.min(d - first)];
                    gradients
                        .query
                        .extend(sums.iter().map(|sum| sum * self.scale));
                }
            }
        }
        gradients
    }
}
