//! Scores, softmax and context vector of soft attention, item by item.
//!
//! A item's keys and annotations are read once forward and once backward, and no `tanh` is stored:
//! the backward pass computes it again, which takes less time than writing and reading it.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    functions::{exp, tanh},
    vectors::{add_scaled, count, dot, load, store},
};

/// What is attended to, each `[batch, …]` in row-major order.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdditiveAttention<'a> {
    pub(super) batch: usize,
    pub(super) locations: usize,
    /// `[batch, locations, d_attention]`.
    pub(super) keys: &'a [f32],
    /// `[batch, d_attention]`.
    pub(super) query: &'a [f32],
    /// `[d_attention]`.
    pub(super) score: &'a [f32],
    /// `[batch, locations, d_annotation]`.
    pub(super) annotations: &'a [f32],
}

/// Gradients, shaped as what they belong to.
#[derive(Debug)]
pub(super) struct Gradients {
    pub(super) keys: Vec<f32>,
    pub(super) query: Vec<f32>,
    pub(super) score: Vec<f32>,
    /// Empty if not wanted.
    pub(super) annotations: Vec<f32>,
}

impl<'a> AdditiveAttention<'a> {
    fn d_annotation(&self) -> usize {
        self.annotations.len() / (self.batch * self.locations)
    }

    fn item(&self, number: usize) -> Item<'a> {
        fn part(values: &[f32], batch: usize, number: usize) -> &[f32] {
            let len = values.len() / batch;
            &values[number * len..][..len]
        }
        Item {
            keys: part(self.keys, self.batch, number),
            query: part(self.query, self.batch, number),
            score: self.score,
            annotations: part(self.annotations, self.batch, number),
        }
    }

    /// For each item the weighted mean of its annotations and then the weights,
    /// `[batch, d_annotation + locations]`.
    pub(super) fn forward(&self) -> Vec<f32> {
        let arch = Arch::new();
        let width = self.d_annotation() + self.locations;
        let mut output = vec![0.0; self.batch * width];
        output
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(number, output)| {
                let item = self.item(number);
                let (mean, weights) = output.split_at_mut(width - self.locations);
                arch.dispatch(Forward {
                    item,
                    mean,
                    weights,
                });
            });
        output
    }

    /// From the output of [`forward`](Self::forward) and its gradient.
    pub(super) fn backward(
        &self,
        output: &[f32],
        upstream: &[f32],
        grad_annotations: bool,
    ) -> Gradients {
        let arch = Arch::new();
        let (d_attention, d_annotation) = (self.score.len(), self.d_annotation());
        let width = d_annotation + self.locations;
        let mut keys = vec![0.0; self.keys.len()];
        let mut query = vec![0.0; self.query.len()];
        let mut scores = vec![0.0; self.query.len()];
        let mut annotations = vec![
            0.0;
            if grad_annotations {
                self.annotations.len()
            } else {
                0
            }
        ];
        // Pieces of no numbers where nothing is wanted.
        let mut by_item: Vec<&mut [f32]> = match annotations.is_empty() {
            true => (0..self.batch).map(|_| Default::default()).collect(),
            false => annotations
                .chunks_mut(self.locations * d_annotation)
                .collect(),
        };
        keys.par_chunks_mut(self.locations * d_attention)
            .zip(query.par_chunks_mut(d_attention))
            .zip(scores.par_chunks_mut(d_attention))
            .zip(by_item.par_iter_mut())
            .enumerate()
            .for_each(|(number, (((keys, query), score), annotations))| {
                arch.dispatch(Backward {
                    item: self.item(number),
                    weights: &output[number * width + d_annotation..][..self.locations],
                    upstream: &upstream[number * width..][..width],
                    keys,
                    query,
                    score,
                    annotations,
                });
            });
        let mut score = vec![0.0; d_attention];
        for part in scores.chunks_exact(d_attention) {
            for (sum, value) in score.iter_mut().zip(part) {
                *sum += value;
            }
        }
        Gradients {
            keys,
            query,
            score,
            annotations,
        }
    }
}

/// One of [`AdditiveAttention`].
struct Item<'a> {
    keys: &'a [f32],
    query: &'a [f32],
    score: &'a [f32],
    annotations: &'a [f32],
}

struct Forward<'a> {
    item: Item<'a>,
    mean: &'a mut [f32],
    weights: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Item {
            keys,
            query,
            score,
            annotations,
        } = self.item;
        let mut largest = f32::NEG_INFINITY;
        for (weight, key) in self.weights.iter_mut().zip(keys.chunks_exact(query.len())) {
            let mut sum = simd.splat_f32s(0.0);
            for number in 0..count::<S>(query.len()) {
                let key = simd.add_f32s(load(simd, key, number), load(simd, query, number));
                sum = simd.mul_add_f32s(tanh(simd, key), load(simd, score, number), sum);
            }
            *weight = simd.reduce_sum_f32s(sum);
            largest = largest.max(*weight);
        }
        let shift = simd.splat_f32s(largest);
        for number in 0..count::<S>(self.weights.len()) {
            let weight = simd.sub_f32s(load(simd, self.weights, number), shift);
            store(simd, self.weights, number, exp(simd, weight));
        }
        let mut total = 0.0;
        for weight in &*self.weights {
            total += weight;
        }
        for weight in &mut *self.weights {
            *weight /= total;
        }
        let d = self.mean.len();
        let mut first = 0;
        // The sums of eight vectors stay in registers while all locations are read.
        while first + 8 * S::F32_LANES <= d {
            let mut sums = [simd.splat_f32s(0.0); 8];
            for (weight, annotation) in self.weights.iter().zip(annotations.chunks_exact(d)) {
                let weight = simd.splat_f32s(*weight);
                let annotation = S::as_simd_f32s(&annotation[first..][..8 * S::F32_LANES]).0;
                for (sum, annotation) in sums.iter_mut().zip(annotation) {
                    *sum = simd.mul_add_f32s(weight, *annotation, *sum);
                }
            }
            for (number, sum) in sums.iter().enumerate() {
                store(simd, &mut self.mean[first..], number, *sum);
            }
            first += 8 * S::F32_LANES;
        }
        for (weight, annotation) in self.weights.iter().zip(annotations.chunks_exact(d)) {
            add_scaled(simd, &mut self.mean[first..], *weight, &annotation[first..]);
        }
    }
}

struct Backward<'a> {
    item: Item<'a>,
    weights: &'a [f32],
    /// Of the mean, then of the weights.
    upstream: &'a [f32],
    keys: &'a mut [f32],
    query: &'a mut [f32],
    score: &'a mut [f32],
    annotations: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Item {
            keys,
            query,
            score,
            annotations,
        } = self.item;
        let d = self.upstream.len() - self.weights.len();
        let (grad_mean, grad_weights) = self.upstream.split_at(d);
        let mut grad_scores = vec![0.0; self.weights.len()];
        let mut mean = 0.0;
        for (place, gradient) in grad_scores.iter_mut().enumerate() {
            let annotation = &annotations[place * d..][..d];
            *gradient = grad_weights[place] + dot(simd, grad_mean, annotation);
            mean += *gradient * self.weights[place];
        }
        for (gradient, weight) in grad_scores.iter_mut().zip(self.weights) {
            *gradient = weight * (*gradient - mean);
        }
        let one = simd.splat_f32s(1.0);
        let k = query.len();
        for (place, gradient) in grad_scores.iter().enumerate() {
            let gradient = simd.splat_f32s(*gradient);
            let (key, grad_key) = (&keys[place * k..][..k], &mut self.keys[place * k..][..k]);
            for number in 0..count::<S>(k) {
                let key = simd.add_f32s(load(simd, key, number), load(simd, query, number));
                let tanh = tanh(simd, key);
                let grad_score = simd.mul_add_f32s(gradient, tanh, load(simd, self.score, number));
                store(simd, self.score, number, grad_score);
                let grad_score = simd.sub_f32s(one, simd.mul_f32s(tanh, tanh));
                let outer = simd.mul_f32s(gradient, load(simd, score, number));
                let inner = simd.mul_f32s(outer, grad_score);
                store(simd, grad_key, number, inner);
                let sum = simd.add_f32s(load(simd, self.query, number), inner);
                store(simd, self.query, number, sum);
            }
        }
        for (place, grad_annotation) in self.annotations.chunks_exact_mut(d).enumerate() {
            add_scaled(simd, grad_annotation, self.weights[place], grad_mean);
        }
    }
}
