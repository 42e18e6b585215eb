//! Likelihoods of copying by blocks of queries and panels of keys.
//!
//! Each query has two logarithms of sums of exponentials of its scores `s = q k / √d`: over all
//! keys that it sees and 0 for none, `all`, and over those whose token is the target, `matching`;
//! the target's log-likelihood is their difference. With its gradient `g` and that of none, `h`,
//!
//! `∂s = g (exp(s − matching) [token = target] − exp(s − all)) − h exp(s − all)`
//!
//! and from it the gradients of queries and keys, as those of attention. Without a matching key
//! `g` counts as 0.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::NO_COPY;
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

/// Biases of all classes.
const ZEROS: [f32; 255] = [0.0; 255];

/// What may be copied, in row-major order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copy<'a> {
    pub(super) d: usize,
    /// `[batch, length, d]`.
    pub(super) query: &'a [f32],
    /// `[batch, length, d]`.
    pub(super) key: &'a [f32],
    /// `[batch, length]`.
    pub(super) tokens: &'a [u32],
    /// `[batch, length]`.
    pub(super) targets: &'a [u32],
    pub(super) relations: &'a Relations,
}

/// By query, `[batch, length]`.
#[derive(Debug)]
pub(super) struct Likelihoods {
    /// Log-likelihood that none is copied: less the logarithm of the sum of all exponentials.
    pub(super) none: Vec<f32>,
    /// The logarithm of the sum of the exponentials of matching keys' scores; −∞ without.
    matching: Vec<f32>,
}

impl Likelihoods {
    /// Log-likelihood of the target.
    pub(super) fn target(&self) -> Vec<f32> {
        let rows = self.matching.iter().zip(&self.none);
        rows.map(|(matching, none)| match *matching == f32::NEG_INFINITY {
            true => NO_COPY,
            false => matching + none,
        })
        .collect()
    }
}

fn scale(d: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "sizes of vectors are small")]
    let d = d as f32;
    1.0 / d.sqrt()
}

impl<'a> Copy<'a> {
    fn rows(&self, values: &'a [f32], item: usize) -> Rows<'a> {
        Rows::of_head(values, [self.relations.length(), 1, self.d], item, 0)
    }

    /// The tokens of an item in whole panels.
    fn tokens(&self, item: usize) -> Lines<u32> {
        let length = self.relations.length();
        let mut tokens = Lines::zeros(length.next_multiple_of(PANEL));
        tokens[..length].copy_from_slice(&self.tokens[item * length..][..length]);
        tokens
    }

    pub(super) fn forward(&self) -> Likelihoods {
        let arch = Arch::new();
        let length = self.relations.length();
        let bias = bias_table(&ZEROS);
        let mut likelihoods = Likelihoods {
            none: vec![0.0; self.targets.len()],
            matching: vec![0.0; self.targets.len()],
        };
        likelihoods
            .none
            .par_chunks_mut(length)
            .zip(likelihoods.matching.par_chunks_mut(length))
            .zip(self.targets.par_chunks(length))
            .zip(self.relations.items())
            .enumerate()
            .for_each(|(number, (((none, matching), targets), item))| {
                let visibility = Visibility::new(item, length, 1);
                let keys = self.rows(self.key, number).panels_of_transpose();
                let tokens = self.tokens(number);
                none.par_chunks_mut(QUERIES)
                    .zip(matching.par_chunks_mut(QUERIES))
                    .zip(targets.par_chunks(QUERIES))
                    .enumerate()
                    .for_each(|(block, ((none, matching), targets))| {
                        let query = self.rows(self.query, number);
                        let query = query.narrow(block * QUERIES, targets.len());
                        arch.dispatch(Forward {
                            d: self.d,
                            visibility: &visibility,
                            block,
                            queries: &query.tiles(scale(self.d)),
                            keys: &keys,
                            tokens: &tokens,
                            targets,
                            bias: &bias,
                            none,
                            matching,
                        });
                    });
            });
        likelihoods
    }

    /// The gradients of queries and keys, from what [`forward`](Self::forward) gave and the
    /// gradients of the targets' and then of none's likelihoods.
    pub(super) fn backward(
        &self,
        likelihoods: &Likelihoods,
        upstream: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let arch = Arch::new();
        let (batch, length) = (self.relations.batch(), self.relations.length());
        let bias = bias_table(&ZEROS);
        let num_parts = num_parts(batch, length);
        let (of_target, of_none) = upstream.split_at(self.targets.len());
        let of_items: Vec<Vec<PartGradients>> = (0..batch)
            .into_par_iter()
            .zip(self.relations.items())
            .map(|(number, item)| {
                let visibility = Visibility::new(item, length, 1);
                let key = self.rows(self.key, number);
                let (keys, keys_transposed) = (key.panels(), key.panels_of_transpose());
                let tokens = self.tokens(number);
                let part = |values| part(values, number, length);
                (0..num_parts)
                    .into_par_iter()
                    .map(|first| {
                        arch.dispatch(Backward {
                            d: self.d,
                            visibility: &visibility,
                            blocks: [first, num_parts],
                            query: self.rows(self.query, number),
                            keys: &keys,
                            keys_transposed: &keys_transposed,
                            tokens: &tokens,
                            targets: &self.targets[number * length..][..length],
                            bias: &bias,
                            none: part(&likelihoods.none),
                            matching: part(&likelihoods.matching),
                            of_target: part(of_target),
                            of_none: part(of_none),
                        })
                    })
                    .collect()
            })
            .collect();
        let sizes = [batch, length, 1, self.d];
        (
            query_gradient(sizes, num_parts, |item, part| &of_items[item][part].query),
            key_gradient(sizes, num_parts, |item, part| &of_items[item][part].keys),
        )
    }
}

fn part(values: &[f32], item: usize, length: usize) -> &[f32] {
    &values[item * length..][..length]
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
    tokens: &'a [u32],
    targets: &'a [u32],
    bias: &'a BiasTable,
    none: &'a mut [f32],
    matching: &'a mut [f32],
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

/// Every so many blocks of queries of an item.
struct Backward<'a> {
    d: usize,
    visibility: &'a Visibility<'a>,
    /// The first one and from one to the next.
    blocks: [usize; 2],
    query: Rows<'a>,
    /// In panels.
    keys: &'a [f32],
    /// In panels of their transpose.
    keys_transposed: &'a [f32],
    tokens: &'a [u32],
    targets: &'a [u32],
    bias: &'a BiasTable,
    none: &'a [f32],
    matching: &'a [f32],
    of_target: &'a [f32],
    of_none: &'a [f32],
}

struct PartGradients {
    /// Of the part's blocks, `[block][QUERIES][d]`.
    query: Vec<f32>,
    /// In panels of the transpose, `[panel of keys][d, whole tiles][PANEL]`.
    keys: Lines,
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

/// Probabilities of all tokens, `[batch, new, num_tokens]`, and of none, `[batch, new]`, for the
/// last positions.
pub(super) fn copy_distribution(
    query: &[f32],
    key: &[f32],
    tokens: &[usize],
    d: usize,
    num_tokens: usize,
    relations: &Relations,
) -> (Vec<f32>, Vec<f32>) {
    let arch = Arch::new();
    let length = relations.length();
    let new = query.len() / d / relations.batch();
    let mut none = vec![0.0; query.len() / d];
    let by_query: Vec<Vec<f32>> = none
        .par_iter_mut()
        .enumerate()
        .map(|(number, none)| {
            let (item, place) = (number / new, number % new);
            let (relations, position) = (&relations.items()[item], length - new + place);
            let mut weights = vec![0.0; position + 1];
            arch.dispatch(Weights {
                query: &query[number * d..][..d],
                key: &key[item * length * d..][..position * d],
                events: &relations.event_of[..position],
                classes: relations.classes_of(relations.event_of[position]),
                weights: &mut weights,
            });
            let mut by_token = vec![0.0; num_tokens];
            for (token, weight) in tokens[item * length..].iter().zip(&weights[..position]) {
                by_token[*token] += weight;
            }
            *none = weights[position];
            by_token
        })
        .collect();
    (by_query.concat(), none)
}

/// The weights of a query's keys and then of none.
struct Weights<'a> {
    query: &'a [f32],
    key: &'a [f32],
    events: &'a [u32],
    /// Of the query's event.
    classes: &'a [u8],
    weights: &'a mut [f32],
}

impl WithSimd for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let d = self.query.len();
        let mut largest = 0f32;
        let keys = self.key.chunks_exact(d).zip(self.events);
        for (weight, (key, event)) in self.weights.iter_mut().zip(keys) {
            *weight = match self.classes[*event as usize] {
                Relations::HIDDEN => f32::NEG_INFINITY,
                _ => dot(simd, self.query, key) * scale(d),
            };
            largest = largest.max(*weight);
        }
        let mut sum = 0f32;
        for weight in &mut *self.weights {
            *weight -= largest;
        }
        crate::exp(self.weights);
        for weight in &*self.weights {
            sum += weight;
        }
        for weight in &mut *self.weights {
            *weight /= sum;
        }
    }
}
