//! The word layer and its cross entropy, forward and backward in one sweep.
//!
//! Logits `z = W d + b` are there for a chunk of positions at a time (30,000 words: 30 MB), made block by block of words:
//!
//! 1. for each block: `z`, its largest `m` for each position, `e = exp(z − m)` in place of `z`, and the sum of `e`;
//! 2. over the blocks: `log Σ exp z` for each position, hence the losses;
//! 3. for each block, if gradients are wanted: `∂loss/∂z = softmax(z) − target`, where the softmax is `e` times a number
//!    for each position and block, and from it the gradients of `W`, `b` and `d`.
//!
//! That is three products, as many as with stored logits, and one exponential function for each logit. The gradients are
//! those of a weighted sum of the losses; with all weights alike, any other weight is a factor of the whole.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{
    function::exp,
    panels::{transpose, unpack},
    product::{Columns, PANEL, Rows, RowsMut, multiply},
    word_layer::{BLOCK, PANELS, STRIDE, WordLayer, largest, logits},
};

/// Most positions whose logits are computed together.
const CHUNK: usize = 252;
/// Parts of the vocabulary, at most, over which the gradient of `deep` is summed: 118 blocks of words become 20 parts of 6,
/// which two cores end together.
const GROUPS: usize = 20;

/// What is to be computed.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct Request<'a> {
    /// `[positions, d]`.
    pub(in crate::ops) deep: &'a [f32],
    /// The word to be said at each position.
    pub(in crate::ops) targets: &'a [usize],
    /// ε of label smoothing.
    pub(in crate::ops) smoothing: f32,
    /// Weight of each position's loss in the sum that is differentiated; `None` for no gradients.
    pub(in crate::ops) weights: Option<&'a [f32]>,
}

/// Losses by position.
#[derive(Debug, Default)]
pub(in crate::ops) struct Costs {
    /// With smoothed labels.
    pub(in crate::ops) loss: Vec<f32>,
    /// Negative log-likelihood of the target.
    pub(in crate::ops) nll: Vec<f32>,
}

/// Gradients of the weighted sum of the losses.
#[derive(Debug, Default)]
pub(in crate::ops) struct Gradients {
    /// `[positions, d]`.
    pub(in crate::ops) deep: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    num_words: usize,
}

impl Gradients {
    /// Of the weight, `[d, num_words]`, times `scale`.
    pub(in crate::ops) fn weight(&self, d: usize, scale: f32) -> Vec<f32> {
        unpack(&self.weight, d, self.num_words, scale)
    }

    /// Of the bias, times `scale`.
    pub(in crate::ops) fn bias(&self, scale: f32) -> Vec<f32> {
        let bias = self.bias.iter().take(self.num_words);
        bias.map(|value| value * scale).collect()
    }
}

/// The losses of all positions, and their gradients if [`Request::weights`] are given.
pub(in crate::ops) fn word_costs(
    request: Request<'_>,
    weight: &[f32],
    layer: &WordLayer,
) -> (Costs, Option<Gradients>) {
    let (d, positions) = (layer.d, request.targets.len());
    let mut sweep = Sweep::new(request, weight, layer);
    if positions == 0 {
        return (Costs::default(), sweep.gradients);
    }
    // Chunks of about the same size, in whole tiles of 14 rows.
    let chunk = positions
        .div_ceil(positions.div_ceil(CHUNK))
        .next_multiple_of(14);
    for first in (0..positions).step_by(chunk) {
        let end = positions.min(first + chunk);
        sweep.chunk(first, &request.deep[first * d..end * d]);
    }
    (sweep.costs, sweep.gradients)
}

/// What is carried from chunk to chunk.
struct Sweep<'a> {
    request: Request<'a>,
    layer: &'a WordLayer,
    arch: Arch,
    /// The transposed weight by block, `[block][panel of d][word][PANEL]`; only for gradients.
    transposed: Vec<f32>,
    /// Columns of `deep` filled up to whole panels.
    d_panels: usize,
    costs: Costs,
    gradients: Option<Gradients>,
    /// `[block][row][STRIDE]`.
    logits: Vec<f32>,
}

impl<'a> Sweep<'a> {
    fn new(request: Request<'a>, weight: &[f32], layer: &'a WordLayer) -> Self {
        let (d, words) = (layer.d, layer.bias.len());
        let d_panels = d.next_multiple_of(PANEL);
        let mut transposed = Vec::new();
        let mut gradients = None;
        if request.weights.is_some() {
            transposed = vec![0.0; words * d_panels];
            transposed
                .par_chunks_mut(BLOCK * d_panels)
                .enumerate()
                .for_each(|(number, block)| {
                    let columns = block.len() / d_panels;
                    let real = columns.min(layer.num_words - number * BLOCK);
                    for (panel, part) in block.chunks_exact_mut(columns * PANEL).enumerate() {
                        let rows = PANEL.min(d - panel * PANEL);
                        let first = panel * PANEL * layer.num_words + number * BLOCK;
                        let stride = layer.num_words;
                        transpose(&weight[first..], rows, real, stride, part, PANEL);
                    }
                });
            gradients = Some(Gradients {
                deep: Vec::with_capacity(request.deep.len()),
                weight: vec![0.0; words * d],
                bias: vec![0.0; words],
                num_words: layer.num_words,
            });
        }
        Self {
            request,
            layer,
            arch: Arch::new(),
            transposed,
            d_panels,
            costs: Costs::default(),
            gradients,
            logits: Vec::new(),
        }
    }

    /// Does all for the positions from `first` on.
    fn chunk(&mut self, first: usize, deep: &[f32]) {
        let rows = deep.len() / self.layer.d;
        let targets = &self.request.targets[first..first + rows];
        let block_len = rows * STRIDE;
        self.logits.resize(self.layer.num_blocks() * block_len, 0.0);
        let statistics: Vec<Vec<Statistics>> = self
            .logits
            .par_chunks_mut(block_len)
            .enumerate()
            .map(|(number, logits)| {
                let (panels, bias) = self.layer.block(number);
                self.arch.dispatch(Forward {
                    deep,
                    d: self.layer.d,
                    panels,
                    bias,
                    first_word: number * BLOCK,
                    real: bias.len().min(self.layer.num_words - number * BLOCK),
                    targets,
                    smoothing: self.request.smoothing,
                    logits,
                })
            })
            .collect();
        let log_sums: Vec<f32> = (0..rows).map(|row| log_sum(&statistics, row)).collect();
        for row in 0..rows {
            let part = |f: fn(&Statistics) -> f32| statistics.iter().map(|s| f(&s[row])).sum();
            self.cost(log_sums[row], part(|s| s.target), part(|s| s.total));
        }
        if let Some(weights) = self.request.weights {
            let weights = &weights[first..first + rows];
            self.backward(first == 0, deep, targets, weights, &statistics, &log_sums);
        }
    }

    fn cost(&mut self, log_sum: f32, target: f32, total: f32) {
        let nll = log_sum - target;
        let smoothing = self.request.smoothing;
        self.costs.nll.push(nll);
        self.costs.loss.push(if smoothing > 0.0 {
            let spread = log_sum - total / count(self.layer.num_words);
            (1.0 - smoothing) * nll + smoothing * spread
        } else {
            nll
        });
    }

    fn backward(
        &mut self,
        is_first: bool,
        deep: &[f32],
        targets: &[usize],
        weights: &[f32],
        statistics: &[Vec<Statistics>],
        log_sums: &[f32],
    ) {
        let (d, rows) = (self.layer.d, targets.len());
        let group = self.layer.num_blocks().div_ceil(GROUPS);
        let groups = self.layer.num_blocks().div_ceil(group);
        let mut sums = vec![0.0; groups * rows * self.d_panels];
        let gradients = self.gradients.as_mut().expect("they are wanted");
        let smoothing = self.request.smoothing;
        sums.par_chunks_mut(rows * self.d_panels)
            .zip(self.logits.par_chunks_mut(group * rows * STRIDE))
            .zip(gradients.weight.par_chunks_mut(group * BLOCK * d))
            .zip(gradients.bias.par_chunks_mut(group * BLOCK))
            .zip(self.transposed.par_chunks(group * BLOCK * self.d_panels))
            .zip(statistics.par_chunks(group))
            .enumerate()
            .for_each(
                |(number, (((((sums, logits), weight), bias), transposed), statistics))| {
                    let blocks = logits
                        .chunks_exact_mut(rows * STRIDE)
                        .zip(weight.chunks_mut(BLOCK * d))
                        .zip(bias.chunks_mut(BLOCK))
                        .zip(transposed.chunks(BLOCK * self.d_panels))
                        .zip(statistics);
                    for (within, ((((logits, weight), bias), transposed), statistics)) in
                        blocks.enumerate()
                    {
                        self.arch.dispatch(Backward {
                            first_word: (number * group + within) * BLOCK,
                            d,
                            deep_rows: deep,
                            targets,
                            weights,
                            smoothed: smoothing / count(self.layer.num_words),
                            hit: 1.0 - smoothing,
                            statistics,
                            log_sums,
                            transposed,
                            logits,
                            add: !is_first,
                            weight,
                            bias,
                            deep: sums,
                        });
                    }
                },
            );
        let start = gradients.deep.len();
        gradients.deep.resize(start + rows * d, 0.0);
        gradients.deep[start..]
            .par_chunks_mut(d)
            .enumerate()
            .for_each(|(row, deep)| {
                for sums in sums.chunks_exact(rows * self.d_panels) {
                    let sums = &sums[row * self.d_panels..];
                    for (place, sum) in deep.iter_mut().zip(sums) {
                        *place += sum;
                    }
                }
            });
    }
}

/// What a block of words knows of a position.
#[derive(Clone, Copy, Default)]
struct Statistics {
    /// The largest logit.
    largest: f32,
    /// The sum of `exp(logit − largest)`.
    sum: f32,
    /// The target's logit, 0 in blocks without it.
    target: f32,
    /// The sum of the logits, for smoothed labels.
    total: f32,
}

fn log_sum(statistics: &[Vec<Statistics>], row: usize) -> f32 {
    let blocks = || statistics.iter().map(|block| block[row]);
    let largest = blocks().map(|s| s.largest).fold(f32::MIN, f32::max);
    let sum: f32 = blocks().map(|s| s.sum * (s.largest - largest).exp()).sum();
    largest + sum.ln()
}

fn count(words: usize) -> f32 {
    f32::from(u16::try_from(words >> 12).unwrap_or(u16::MAX)) * 4096.0
        + f32::from(u16::try_from(words & 4095).expect("12 bits"))
}

/// Step 1 for a block.
struct Forward<'a> {
    deep: &'a [f32],
    d: usize,
    panels: &'a [f32],
    bias: &'a [f32],
    first_word: usize,
    /// Words of the block that are no fillers.
    real: usize,
    targets: &'a [usize],
    smoothing: f32,
    logits: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = Vec<Statistics>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        logits(simd, self.deep, self.d, self.panels, self.bias, self.logits);
        // No closures: they would not be compiled for the vectors of `S`.
        let mut statistics = Vec::with_capacity(self.targets.len());
        for (row, target) in self.logits.chunks_exact_mut(STRIDE).zip(self.targets) {
            let row = &mut row[..self.bias.len()];
            let target = match target.checked_sub(self.first_word) {
                Some(target) if target < row.len() => row[target],
                _ => 0.0,
            };
            let mut total = 0.0;
            if self.smoothing > 0.0 {
                for logit in &row[..self.real] {
                    total += *logit;
                }
            }
            let row = S::as_mut_simd_f32s(row).0;
            let largest = largest(simd, row);
            let shift = simd.splat_f32s(largest);
            let mut sum = simd.splat_f32s(0.0);
            for logit in row {
                *logit = exp(simd, simd.sub_f32s(*logit, shift));
                sum = simd.add_f32s(sum, *logit);
            }
            statistics.push(Statistics {
                largest,
                sum: simd.reduce_sum_f32s(sum),
                target,
                total,
            });
        }
        statistics
    }
}

/// Step 3 for a block.
struct Backward<'a> {
    first_word: usize,
    d: usize,
    /// `[rows, d]`.
    deep_rows: &'a [f32],
    targets: &'a [usize],
    weights: &'a [f32],
    /// Share of a smoothed label that every word has.
    smoothed: f32,
    /// Share that the target has besides.
    hit: f32,
    statistics: &'a [Statistics],
    log_sums: &'a [f32],
    transposed: &'a [f32],
    logits: &'a mut [f32],
    add: bool,
    weight: &'a mut [f32],
    bias: &'a mut [f32],
    deep: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.by_logit(simd);
        let rows = self.targets.len();
        let left = Columns {
            values: self.deep_rows,
            stride: self.d,
        };
        // Side by side a panel's rows lie in few pages and are read in order.
        let mut packed = vec![0.0; rows * PANEL];
        for (number, weight) in self.weight.chunks_exact_mut(self.d * PANEL).enumerate() {
            for (place, row) in packed
                .chunks_exact_mut(PANEL)
                .zip(self.logits.chunks_exact(STRIDE))
            {
                place.copy_from_slice(&row[number * PANEL..][..PANEL]);
            }
            let panel = Rows {
                values: &packed,
                stride: PANEL,
            };
            let mut sums = RowsMut {
                values: weight,
                stride: PANEL,
            };
            multiply(simd, self.d, rows, left, panel, &mut sums, self.add);
        }
        let words = self.bias.len();
        let left = Rows {
            values: self.logits,
            stride: STRIDE,
        };
        let stride = self.deep.len() / rows;
        for (number, panel) in self.transposed.chunks_exact(words * PANEL).enumerate() {
            let panel = Rows {
                values: panel,
                stride: PANEL,
            };
            let mut sums = RowsMut {
                values: &mut self.deep[number * PANEL..],
                stride,
            };
            multiply(simd, rows, words, left, panel, &mut sums, true);
        }
    }
}

impl Backward<'_> {
    /// The gradient by logit in place of `exp(logit − largest)`; its sums over positions are the bias's.
    #[inline(always)]
    fn by_logit<S: Simd>(&mut self, simd: S) {
        let words = self.bias.len();
        let sums = S::as_mut_simd_f32s(self.bias).0;
        for (number, row) in self.logits.chunks_exact_mut(STRIDE).enumerate() {
            let row = &mut row[..words];
            let weight = self.weights[number];
            let target = self.targets[number].checked_sub(self.first_word);
            let target = target.filter(|target| *target < words);
            let factor = (self.statistics[number].largest - self.log_sums[number]).exp() * weight;
            let factor = simd.splat_f32s(factor);
            let smoothed = simd.splat_f32s(-self.smoothed * weight);
            for value in S::as_mut_simd_f32s(row).0 {
                *value = simd.mul_add_f32s(*value, factor, smoothed);
            }
            if let Some(target) = target {
                row[target] -= self.hit * weight;
            }
            for (sum, value) in sums.iter_mut().zip(S::as_simd_f32s(row).0) {
                *sum = simd.add_f32s(*sum, *value);
            }
        }
    }
}

// A block is cut into whole panels, and a row of logits into whole vectors.
const _: () = assert!(BLOCK == PANELS * PANEL && STRIDE.is_multiple_of(16));
