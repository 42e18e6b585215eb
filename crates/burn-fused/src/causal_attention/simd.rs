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

use pulp::Arch;
use rayon::prelude::*;

use super::{
    backward::{Backward, PartGradients},
    forward::Forward,
    step::Step,
};
use crate::{
    Relations,
    cpu::{
        parts::{key_gradient, num_parts, query_gradient},
        rows::Rows,
        visibility::{BiasTable, QUERIES, Visibility, bias_table},
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
    pub(super) fn backward(
        &self,
        output: &[f32],
        log_sum_exp: &[f32],
        upstream: &[f32],
    ) -> Gradients {
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
                            output: self.by_query(output, item, head),
                            upstream: self.by_query(upstream, item, head),
                            log_sum_exp: &log_sum_exp[number * new..][..new],
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
