//! The distribution over a vocabulary, key by key: few queries are asked for it.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::scale;
use crate::{Relations, cpu::vectors::dot};

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
