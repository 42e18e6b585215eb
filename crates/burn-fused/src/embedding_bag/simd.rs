//! Sums of rows, bag by bag, and their gradients, row by row.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::bags::Bags;
use crate::cpu::vectors::{add_scaled, dot};

/// Bags or rows that a thread takes at a time.
const CHUNK: usize = 64;

/// A table with the logarithms of its rows' weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    pub(super) d: usize,
    /// `[rows, d]`.
    pub(super) rows: &'a [f32],
    /// `[rows]`.
    pub(super) log_weights: &'a [f32],
}

impl Table<'_> {
    /// The means, `[bags, d]`, and the log of the sum of the weights of each bag.
    pub(super) fn means(&self, bags: &Bags) -> (Vec<f32>, Vec<f32>) {
        let arch = Arch::new();
        let mut means = vec![0.0; bags.len() * self.d];
        let mut totals = vec![0.0; bags.len()];
        means
            .par_chunks_mut(CHUNK * self.d)
            .zip(totals.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, (means, totals))| {
                arch.dispatch(Means {
                    table: *self,
                    bags,
                    first: chunk * CHUNK,
                    means,
                    totals,
                });
            });
        (means, totals)
    }

    /// Gradients of rows and weights from that of the means.
    pub(super) fn gradients(
        &self,
        bags: &Bags,
        means: &[f32],
        totals: &[f32],
        upstream: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let arch = Arch::new();
        let uses = Uses::new(bags, self.log_weights.len());
        let mut rows = vec![0.0; self.rows.len()];
        let mut log_weights = vec![0.0; self.log_weights.len()];
        rows.par_chunks_mut(CHUNK * self.d)
            .zip(log_weights.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, (rows, log_weights))| {
                arch.dispatch(Gradients {
                    table: *self,
                    uses: &uses,
                    means,
                    totals,
                    upstream,
                    first: chunk * CHUNK,
                    rows,
                    log_weights,
                });
            });
        (rows, log_weights)
    }
}

/// Which bags each row stands in, in their order: sums over them repeat to the last bit.
struct Uses {
    bags: Vec<u32>,
    /// Where those of each row begin, and where the last ones end.
    starts: Vec<usize>,
}

impl Uses {
    fn new(bags: &Bags, num_rows: usize) -> Self {
        let mut starts = vec![0usize; num_rows + 1];
        for row in bags.rows() {
            starts[*row as usize + 1] += 1;
        }
        for row in 0..num_rows {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut sorted = vec![0; bags.rows().len()];
        for bag in 0..bags.len() {
            for row in bags.get(bag) {
                let place = &mut next[*row as usize];
                sorted[*place] = u32::try_from(bag).expect("fewer bags than that are in memory");
                *place += 1;
            }
        }
        Self {
            bags: sorted,
            starts,
        }
    }
}

struct Means<'a> {
    table: Table<'a>,
    bags: &'a Bags,
    first: usize,
    means: &'a mut [f32],
    totals: &'a mut [f32],
}

impl WithSimd for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Table {
            d,
            rows,
            log_weights,
        } = self.table;
        let each = self.means.chunks_exact_mut(d).zip(self.totals);
        for (bag, (mean, total)) in (self.first..).zip(each) {
            let bag = self.bags.get(bag);
            let weights = bag.iter().map(|row| log_weights[*row as usize]);
            let highest = weights.clone().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = weights.map(|weight| (weight - highest).exp()).sum();
            *total = highest + sum.ln();
            for row in bag {
                let row = *row as usize;
                let share = (log_weights[row] - *total).exp();
                add_scaled(simd, mean, share, &rows[row * d..][..d]);
            }
        }
    }
}

struct Gradients<'a> {
    table: Table<'a>,
    uses: &'a Uses,
    means: &'a [f32],
    totals: &'a [f32],
    upstream: &'a [f32],
    first: usize,
    rows: &'a mut [f32],
    log_weights: &'a mut [f32],
}

impl WithSimd for Gradients<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Table {
            d,
            rows,
            log_weights,
        } = self.table;
        let each = self.rows.chunks_exact_mut(d).zip(self.log_weights);
        for (row, (grad_row, grad_weight)) in (self.first..).zip(each) {
            let own = &rows[row * d..][..d];
            let mut slope = 0.0;
            for bag in &self.uses.bags[self.uses.starts[row]..self.uses.starts[row + 1]] {
                let bag = *bag as usize;
                let upstream = &self.upstream[bag * d..][..d];
                let share = (log_weights[row] - self.totals[bag]).exp();
                add_scaled(simd, grad_row, share, upstream);
                let mean = &self.means[bag * d..][..d];
                slope += share * (dot(simd, own, upstream) - dot(simd, mean, upstream));
            }
            *grad_weight = slope;
        }
    }
}
