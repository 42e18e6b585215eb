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

use pulp::Arch;
use rayon::prelude::*;

use super::{
    NO_COPY,
    backward::{Backward, PartGradients},
    forward::Forward,
    scale,
};
use crate::{
    Relations,
    cpu::{
        lines::Lines,
        parts::{key_gradient, num_parts, query_gradient},
        product::PANEL,
        rows::Rows,
        visibility::{QUERIES, Visibility, bias_table},
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
