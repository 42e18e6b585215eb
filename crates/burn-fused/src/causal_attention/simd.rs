//! Causal attention by blocks of queries and panels of keys (Dao et al., "FlashAttention: Fast and
//! Memory-Efficient Exact Attention with IO-Awareness", 2022, algorithms 1 and 4).
//!
//! Forward, for a block of queries of one item and head and each panel of keys that it sees:
//!
//! 1. scores `s = q k / √d + bias`, −∞ where hidden;
//! 2. if a row has a larger score than before, what was summed shrinks by `exp(before − now)`;
//! 3. weights `p = exp(s − largest)`, their sum, and `p v` added to the sums of the block.
//!
//! At the end the sums are divided by those of the weights, and `largest + ln Σ p` is kept: with it
//! the backward pass has `p = exp(s − log_sum_exp)` at once. With the gradient `g` of the output `o`:
//!
//! - `∂v += pᵀ g`
//! - `∂s = p ∘ (g v − g · o)`, hence `∂q += ∂s k / √d`, `∂k += ∂sᵀ q / √d` and, by class, `∂bias`
//!
//! These are two products forward and five backward.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::step::Step;
use crate::{
    Relations,
    cpu::{
        block_products::BlockProducts,
        lines::Lines,
        parts::{key_gradient, num_parts, query_gradient},
        product::{PANEL, TILE},
        rows::Rows,
        vectors::dot,
        visibility::{BiasTable, QUERIES, Visibility, add_biases, bias_table, weight},
    },
};

/// Most queries that are computed one by one.
const MOST_STEPS: usize = 4;

/// What is attended to, in row-major order.
#[derive(Clone, Copy, Debug)]
pub(super) struct CausalAttention<'a> {
    pub(super) new: usize,
    pub(super) heads: usize,
    pub(super) d: usize,
    /// `[batch, new, heads, d]`.
    pub(super) query: &'a [f32],
    /// `[batch, length, heads, d]`.
    pub(super) key: &'a [f32],
    /// `[batch, length, heads, d]`.
    pub(super) value: &'a [f32],
    /// `[heads, classes]`.
    pub(super) bias: &'a [f32],
    pub(super) relations: &'a Relations,
}

/// What comes out.
#[derive(Clone, Debug)]
pub(super) struct Attended {
    /// `[batch, new, heads, d]`.
    pub(super) output: Vec<f32>,
    /// The logarithm of the sum of the exponentials of a row's scores, `[batch, heads, new]`.
    pub(super) log_sum_exp: Vec<f32>,
}

/// Gradients, shaped as what they belong to.
#[derive(Debug)]
pub(super) struct Gradients {
    pub(super) query: Vec<f32>,
    pub(super) key: Vec<f32>,
    pub(super) value: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl<'a> CausalAttention<'a> {
    fn length(&self) -> usize {
        self.relations.length()
    }

    fn num_classes(&self) -> usize {
        self.bias.len() / self.heads
    }

    fn scale(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "sizes of vectors are small")]
        let d = self.d as f32;
        1.0 / d.sqrt()
    }

    /// Queries, or what has their shape.
    fn by_query<'b>(&self, values: &'b [f32], item: usize, head: usize) -> Rows<'b> {
        Rows::of_head(values, [self.new, self.heads, self.d], item, head)
    }

    fn by_key(&self, values: &'a [f32], item: usize, head: usize) -> Rows<'a> {
        Rows::of_head(values, [self.length(), self.heads, self.d], item, head)
    }

    fn bias_table(&self, head: usize) -> BiasTable {
        let num_classes = self.num_classes();
        bias_table(&self.bias[head * num_classes..][..num_classes])
    }

    fn visibilities(&self) -> Vec<Visibility<'a>> {
        let items = self.relations.items().par_iter();
        items
            .map(|item| Visibility::new(item, self.new, 0))
            .collect()
    }

    pub(super) fn forward(&self) -> Attended {
        match self.new {
            0..=MOST_STEPS => self.by_steps(),
            _ => self.by_blocks(),
        }
    }

    fn by_steps(&self) -> Attended {
        let arch = Arch::new();
        let Self { new, heads, d, .. } = *self;
        let tables: Vec<BiasTable> = (0..heads).map(|head| self.bias_table(head)).collect();
        let mut output = vec![0.0; self.query.len()];
        let by_row: Vec<f32> = output
            .par_chunks_mut(d)
            .enumerate()
            .map(|(number, output)| {
                let (row, head) = (number / heads, number % heads);
                let (item, query) = (row / new, row % new);
                arch.dispatch(Step {
                    relations: &self.relations.items()[item],
                    position: self.length() - new + query,
                    query: &self.query[number * d..][..d],
                    keys: self.by_key(self.key, item, head),
                    values: self.by_key(self.value, item, head),
                    scale: self.scale(),
                    bias: &tables[head],
                    output,
                })
            })
            .collect();
        let mut log_sum_exp = Vec::with_capacity(by_row.len());
        for item in by_row.chunks_exact(new * heads) {
            let heads = (0..heads).flat_map(|head| item.iter().skip(head).step_by(heads));
            log_sum_exp.extend(heads);
        }
        Attended {
            output,
            log_sum_exp,
        }
    }

    fn by_blocks(&self) -> Attended {
        let arch = Arch::new();
        let Self { new, heads, d, .. } = *self;
        let visibilities = self.visibilities();
        let mut by_head = vec![0.0; self.query.len()]; // [batch, heads, new, d]
        let mut log_sum_exp = vec![0.0; self.query.len() / d];
        by_head
            .par_chunks_mut(new * d)
            .zip(log_sum_exp.par_chunks_mut(new))
            .enumerate()
            .for_each(|(number, (output, log_sum_exp))| {
                let (item, head) = (number / heads, number % heads);
                let query = self.by_query(self.query, item, head);
                let keys = self.by_key(self.key, item, head).panels_of_transpose();
                let values = self.by_key(self.value, item, head).panels();
                let bias = self.bias_table(head);
                output
                    .par_chunks_mut(QUERIES * d)
                    .zip(log_sum_exp.par_chunks_mut(QUERIES))
                    .enumerate()
                    .for_each(|(block, (output, log_sum_exp))| {
                        let queries = visibilities[item].queries(block);
                        arch.dispatch(Forward {
                            d,
                            visibility: &visibilities[item],
                            block,
                            queries: &query
                                .narrow(queries.start, queries.len())
                                .tiles(self.scale()),
                            keys: &keys,
                            values: &values,
                            bias: &bias,
                            output,
                            log_sum_exp,
                        });
                    });
            });
        let mut output = vec![0.0; self.query.len()];
        output
            .par_chunks_mut(d)
            .with_min_len(64)
            .enumerate()
            .for_each(|(number, output)| {
                let (row, head) = (number / heads, number % heads);
                let (item, query) = (row / new, row % new);
                let start = ((item * heads + head) * new + query) * d;
                output.copy_from_slice(&by_head[start..start + d]);
            });
        Attended {
            output,
            log_sum_exp,
        }
    }

    /// From what [`forward`](Self::forward) gave and the gradient of its output.
    pub(super) fn backward(&self, attended: &Attended, upstream: &[f32]) -> Gradients {
        let arch = Arch::new();
        let Self { new, heads, d, .. } = *self;
        let (batch, length) = (self.relations.batch(), self.length());
        let visibilities = self.visibilities();
        let num_parts = num_parts(batch * heads, new);
        let of_heads: Vec<Vec<PartGradients>> = (0..batch * heads)
            .into_par_iter()
            .map(|number| {
                let (item, head) = (number / heads, number % heads);
                let key = self.by_key(self.key, item, head);
                let (keys, values) = (key.panels(), self.by_key(self.value, item, head));
                let (keys_transposed, values) =
                    (key.panels_of_transpose(), values.panels_of_transpose());
                let bias = self.bias_table(head);
                (0..num_parts)
                    .into_par_iter()
                    .map(|part| {
                        arch.dispatch(Backward {
                            d,
                            scale: self.scale(),
                            visibility: &visibilities[item],
                            blocks: [part, num_parts],
                            query: self.by_query(self.query, item, head),
                            output: self.by_query(&attended.output, item, head),
                            upstream: self.by_query(upstream, item, head),
                            log_sum_exp: &attended.log_sum_exp[number * new..][..new],
                            keys: &keys,
                            keys_transposed: &keys_transposed,
                            values_transposed: &values,
                            bias: &bias,
                        })
                    })
                    .collect()
            })
            .collect();

        let num_classes = self.num_classes();
        let mut bias = Vec::with_capacity(self.bias.len());
        for head in 0..heads {
            let mut sums = [0.0; 256];
            for part in of_heads.iter().skip(head).step_by(heads).flatten() {
                for (sum, value) in sums.iter_mut().zip(&part.bias) {
                    *sum += value;
                }
            }
            // Columns for which there is no class have no gradient.
            let columns =
                (0..num_classes).map(|class| match class < usize::from(Relations::HIDDEN) {
                    #[expect(clippy::cast_possible_truncation, reason = "gradients are f32")]
                    true => sums[class] as f32,
                    false => 0.0,
                });
            bias.extend(columns);
        }
        let (by_query, by_key) = ([batch, new, heads, d], [batch, length, heads, d]);
        Gradients {
            query: query_gradient(by_query, num_parts, |head, part| {
                &of_heads[head][part].query
            }),
            key: key_gradient(by_key, num_parts, |head, part| &of_heads[head][part].keys),
            value: key_gradient(by_key, num_parts, |head, part| &of_heads[head][part].values),
            bias,
        }
    }
}

/// A block of queries.
struct Forward<'a> {
    d: usize,
    visibility: &'a Visibility<'a>,
    block: usize,
    /// By `1/√d`, in tiles.
    queries: &'a [f32],
    /// In panels of their transpose.
    keys: &'a [f32],
    /// In panels.
    values: &'a [f32],
    bias: &'a BiasTable,
    output: &'a mut [f32],
    log_sum_exp: &'a mut [f32],
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

/// Every so many blocks of queries of an item and head.
struct Backward<'a> {
    d: usize,
    scale: f32,
    visibility: &'a Visibility<'a>,
    /// The first one and from one to the next.
    blocks: [usize; 2],
    query: Rows<'a>,
    output: Rows<'a>,
    upstream: Rows<'a>,
    log_sum_exp: &'a [f32],
    /// In panels.
    keys: &'a [f32],
    /// In panels of their transpose.
    keys_transposed: &'a [f32],
    /// In panels of their transpose.
    values_transposed: &'a [f32],
    bias: &'a BiasTable,
}

struct PartGradients {
    /// Of the part's blocks, `[block][QUERIES][d]`.
    query: Vec<f32>,
    /// In panels of the transpose, `[panel of keys][d, whole tiles][PANEL]`.
    keys: Lines,
    /// The same.
    values: Lines,
    /// By class.
    bias: [f64; 256],
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
