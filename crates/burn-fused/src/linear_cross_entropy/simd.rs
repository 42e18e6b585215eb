//! A linear layer and its cross entropy, forward and backward in one sweep.
//!
//! Logits `z = W d + b` are there for a chunk of rows at a time (30,000 classes: 30 MB), made block
//! by block of classes:
//!
//! 1. for each block: `z`, its largest `m` for each row, `e = exp(z − m)` in place of `z`, and the
//!    sum of `e`;
//! 2. over the blocks: `log Σ exp z` for each row, hence the losses;
//! 3. for each block, if gradients are wanted: `∂loss/∂z = softmax(z) − target`, where the softmax
//!    is `e` times a number for each row and block, and from it the gradients of `W`, `b` and `d`.
//!
//! That is three products, as many as with stored logits, and one exponential function for each
//! logit. The gradients are those of a weighted sum of the losses; with all weights alike, any
//! other weight is a factor of the whole.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::cpu::{
    functions::exp,
    lines::Lines,
    packed_linear::{PANELS, PackedLinear},
    panels::{panels_of_transpose, tiles, tiles_of_transpose, unpack},
    product::{PANEL, Sums, TILE, multiply, multiply_panels},
};

/// Layer that are computed together.
const BLOCK: usize = PANELS * PANEL;

/// Most rows whose logits are computed together.
const CHUNK: usize = 252;
/// Parts of the classes, at most, over which the gradient of `input` is summed: 118 blocks of
/// classes become 20 parts of 6, which two cores end together.
const GROUPS: usize = 20;

/// What is to be computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    /// `[rows, d]`.
    pub(super) input: &'a [f32],
    /// The class of each row.
    pub(super) targets: &'a [usize],
    /// ε of label smoothing.
    pub(super) smoothing: f32,
    /// Weight of each row's loss in the sum that is differentiated; `None` for no gradients.
    pub(super) weights: Option<&'a [f32]>,
}

/// Losses by row.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// With smoothed labels.
    pub(super) loss: Vec<f32>,
    /// Negative log-likelihood of the target.
    pub(super) nll: Vec<f32>,
}

/// Gradients of the weighted sum of the losses.
#[derive(Debug, Default)]
pub(super) struct Gradients {
    /// `[rows, d]`.
    pub(super) input: Vec<f32>,
    /// `[panel of classes][d, whole tiles][PANEL]`.
    weight: Lines,
    bias: Lines,
    num_classes: usize,
}

impl Gradients {
    /// Of the weight, `[d, num_classes]`, times `scale`.
    pub(super) fn weight(&self, d: usize, scale: f32) -> Vec<f32> {
        unpack(&self.weight, d, self.num_classes, scale)
    }

    /// Of the bias, times `scale`.
    pub(super) fn bias(&self, scale: f32) -> Vec<f32> {
        let bias = self.bias.iter().take(self.num_classes);
        bias.map(|value| value * scale).collect()
    }
}

/// The losses of all rows, and their gradients if [`Request::weights`] are given.
pub(super) fn losses_and_gradients(
    request: Request<'_>,
    weight: &[f32],
    layer: &PackedLinear,
) -> (Losses, Option<Gradients>) {
    let (d, rows) = (layer.d, request.targets.len());
    let mut sweep = Sweep::new(request, weight, layer);
    if rows == 0 {
        return (Losses::default(), sweep.gradients);
    }
    // Chunks of about the same size.
    let chunk = rows.div_ceil(rows.div_ceil(CHUNK)).next_multiple_of(TILE);
    for first in (0..rows).step_by(chunk) {
        let end = rows.min(first + chunk);
        sweep.chunk(first, &request.input[first * d..end * d]);
    }
    (sweep.losses, sweep.gradients)
}

/// What is carried from chunk to chunk.
struct Sweep<'a> {
    request: Request<'a>,
    layer: &'a PackedLinear,
    arch: Arch,
    /// The transposed weight, `[panel of d][class][PANEL]`; only for gradients.
    transposed: Lines,
    losses: Losses,
    gradients: Option<Gradients>,
    /// `[panel of classes][row][PANEL]`.
    logits: Lines,
    /// The gradient of `input` by parts of the classes, `[part][panel of d][row][PANEL]`.
    sums: Lines,
}

impl<'a> Sweep<'a> {
    fn new(request: Request<'a>, weight: &[f32], layer: &'a PackedLinear) -> Self {
        let (d, panels) = (layer.d, layer.num_panels());
        let mut transposed = Lines::default();
        let mut gradients = None;
        if request.weights.is_some() {
            transposed = panels_of_transpose(weight, d, layer.num_classes, panels * PANEL);
            gradients = Some(Gradients {
                input: Vec::with_capacity(request.input.len()),
                weight: Lines::zeros(panels * PANEL * d.next_multiple_of(TILE)),
                bias: Lines::zeros(panels * PANEL),
                num_classes: layer.num_classes,
            });
        }
        Self {
            request,
            layer,
            arch: Arch::new(),
            transposed,
            losses: Losses::default(),
            gradients,
            logits: Lines::default(),
            sums: Lines::default(),
        }
    }

    /// Does all for the rows from `first` on.
    fn chunk(&mut self, first: usize, input: &[f32]) {
        let rows = input.len() / self.layer.d;
        let targets = &self.request.targets[first..first + rows];
        let panel = rows.next_multiple_of(TILE) * PANEL;
        let num_panels = self.layer.num_panels();
        if self.logits.len() < num_panels * panel {
            self.logits = Lines::zeros(num_panels * panel); // the first chunk is the largest
        }
        let by_row = tiles(input, rows, self.layer.d, self.layer.d);
        let statistics: Vec<Vec<Statistics>> = self.logits[..num_panels * panel]
            .par_chunks_mut(PANELS * panel)
            .enumerate()
            .map(|(number, logits)| {
                let end = num_panels.min((number + 1) * PANELS);
                let (panels, bias) = self.layer.block(number * PANELS..end);
                self.arch.dispatch(Forward {
                    input: &by_row,
                    panels,
                    bias,
                    first_class: number * BLOCK,
                    real: bias.len().min(self.layer.num_classes - number * BLOCK),
                    targets,
                    smoothing: self.request.smoothing,
                    logits,
                })
            })
            .collect();
        let log_sums: Vec<f32> = (0..rows).map(|row| log_sum(&statistics, row)).collect();
        for row in 0..rows {
            let part = |f: fn(&Statistics) -> f32| statistics.iter().map(|s| f(&s[row])).sum();
            self.push_losses(log_sums[row], part(|s| s.target), part(|s| s.total));
        }
        if let Some(weights) = self.request.weights {
            let weights = &weights[first..first + rows];
            self.backward(first == 0, input, targets, weights, &statistics, &log_sums);
        }
    }

    fn push_losses(&mut self, log_sum: f32, target: f32, total: f32) {
        let nll = log_sum - target;
        let smoothing = self.request.smoothing;
        self.losses.nll.push(nll);
        self.losses.loss.push(if smoothing > 0.0 {
            let spread = log_sum - total / count(self.layer.num_classes);
            (1.0 - smoothing) * nll + smoothing * spread
        } else {
            nll
        });
    }

    fn backward(
        &mut self,
        is_first: bool,
        input: &[f32],
        targets: &[usize],
        weights: &[f32],
        statistics: &[Vec<Statistics>],
        log_sums: &[f32],
    ) {
        let (d, rows) = (self.layer.d, targets.len());
        let (d_tiles, d_panels) = (d.next_multiple_of(TILE), d.next_multiple_of(PANEL));
        let num_panels = self.layer.num_panels();
        let panel = rows.next_multiple_of(TILE) * PANEL;
        let group = num_panels.div_ceil(PANELS).div_ceil(GROUPS);
        let groups = num_panels.div_ceil(group * PANELS);
        let part = d_panels / PANEL * panel;
        if self.sums.len() < groups * part {
            self.sums = Lines::zeros(groups * part);
        }
        let by_dimension = tiles_of_transpose(input, d);
        let gradients = self.gradients.as_mut().expect("they are wanted");
        let smoothing = self.request.smoothing;
        self.sums[..groups * part]
            .par_chunks_mut(part)
            .zip(self.logits[..num_panels * panel].par_chunks_mut(group * PANELS * panel))
            .zip(gradients.weight.par_chunks_mut(group * BLOCK * d_tiles))
            .zip(gradients.bias.par_chunks_mut(group * BLOCK))
            .zip(statistics.par_chunks(group))
            .enumerate()
            .for_each(|(number, ((((sums, logits), weight), bias), statistics))| {
                let blocks = logits
                    .chunks_mut(PANELS * panel)
                    .zip(weight.chunks_mut(BLOCK * d_tiles))
                    .zip(bias.chunks_mut(BLOCK))
                    .zip(statistics);
                for (within, (((logits, weight), bias), statistics)) in blocks.enumerate() {
                    self.arch.dispatch(Backward {
                        first_class: (number * group + within) * BLOCK,
                        input: &by_dimension,
                        targets,
                        weights,
                        smoothed: smoothing / count(self.layer.num_classes),
                        hit: 1.0 - smoothing,
                        statistics,
                        log_sums,
                        transposed: &self.transposed,
                        logits,
                        grad_weight: weight,
                        add_weight: !is_first,
                        grad_bias: bias,
                        grad_input: sums,
                        add_input: within > 0,
                    });
                }
            });
        let start = gradients.input.len();
        gradients.input.resize(start + rows * d, 0.0);
        gradients.input[start..]
            .par_chunks_mut(d)
            .enumerate()
            .for_each(|(row, input)| {
                for sums in self.sums[..groups * part].chunks_exact(part) {
                    for (input, sums) in input.chunks_mut(PANEL).zip(sums.chunks_exact(panel)) {
                        for (place, sum) in input.iter_mut().zip(&sums[row * PANEL..]) {
                            *place += sum;
                        }
                    }
                }
            });
    }
}

/// What a block of classes knows of a row.
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

fn count(classes: usize) -> f32 {
    f32::from(u16::try_from(classes >> 12).unwrap_or(u16::MAX)) * 4096.0
        + f32::from(u16::try_from(classes & 4095).expect("12 bits"))
}

/// Step 1 for a block.
struct Forward<'a> {
    /// In tiles.
    input: &'a [f32],
    panels: &'a [f32],
    bias: &'a [f32],
    first_class: usize,
    /// Classes of the block that are no fillers.
    real: usize,
    targets: &'a [usize],
    smoothing: f32,
    logits: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = Vec<Statistics>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let num_panels = self.bias.len() / PANEL;
        let panel = self.logits.len() / num_panels;
        for (weights, logits) in self
            .panels
            .chunks_exact(self.panels.len() / num_panels)
            .zip(self.logits.chunks_exact_mut(panel))
        {
            multiply(
                simd,
                self.input,
                weights,
                &mut Sums {
                    sums: logits,
                    add: false,
                },
            );
        }
        // No closures: they would not be compiled for the vectors of `S`.
        let mut statistics = Vec::with_capacity(self.targets.len());
        for (row, target) in self.targets.iter().enumerate() {
            let mut largest = simd.splat_f32s(f32::MIN);
            let mut total = 0.0;
            for (number, (logits, bias)) in self
                .logits
                .chunks_exact_mut(panel)
                .zip(self.bias.chunks_exact(PANEL))
                .enumerate()
            {
                let logits = &mut logits[row * PANEL..][..PANEL];
                let bias = S::as_simd_f32s(bias).0;
                for (logit, bias) in S::as_mut_simd_f32s(logits).0.iter_mut().zip(bias) {
                    *logit = simd.add_f32s(*logit, *bias);
                    largest = simd.max_f32s(largest, *logit);
                }
                if self.smoothing > 0.0 {
                    let real = self.real.saturating_sub(number * PANEL).min(PANEL);
                    total += sum(simd, &logits[..real]);
                }
            }
            let target = match place_of(*target, self.first_class, self.bias.len(), row, panel) {
                Some(place) => self.logits[place],
                None => 0.0,
            };
            let largest = simd.reduce_max_f32s(largest);
            let shift = simd.splat_f32s(largest);
            let mut sum = simd.splat_f32s(0.0);
            for logits in self.logits.chunks_exact_mut(panel) {
                for logit in S::as_mut_simd_f32s(&mut logits[row * PANEL..][..PANEL]).0 {
                    *logit = exp(simd, simd.sub_f32s(*logit, shift));
                    sum = simd.add_f32s(sum, *logit);
                }
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

/// Where a block has the logit of `class` in row `row`, if it is one of the block's.
#[inline(always)]
fn place_of(
    class: usize,
    first_class: usize,
    classes: usize,
    row: usize,
    panel: usize,
) -> Option<usize> {
    match class.checked_sub(first_class) {
        Some(class) if class < classes => Some(class / PANEL * panel + row * PANEL + class % PANEL),
        _ => None,
    }
}

/// `Σ values`.
#[inline(always)]
fn sum<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let (vectors, rest) = S::as_simd_f32s(values);
    let mut sum = simd.splat_f32s(0.0);
    for vector in vectors {
        sum = simd.add_f32s(sum, *vector);
    }
    let mut sum = simd.reduce_sum_f32s(sum);
    for value in rest {
        sum += *value;
    }
    sum
}

/// Step 3 for a block.
struct Backward<'a> {
    first_class: usize,
    /// The transpose of `input`, in tiles.
    input: &'a [f32],
    targets: &'a [usize],
    weights: &'a [f32],
    /// Share of a smoothed label that every class has.
    smoothed: f32,
    /// Share that the target has besides.
    hit: f32,
    statistics: &'a [Statistics],
    log_sums: &'a [f32],
    /// All of it.
    transposed: &'a [f32],
    logits: &'a mut [f32],
    grad_weight: &'a mut [f32],
    add_weight: bool,
    grad_bias: &'a mut [f32],
    grad_input: &'a mut [f32],
    /// Whether what is in `grad_input` is of blocks before this one.
    add_input: bool,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.by_logit(simd);
        let num_panels = self.grad_bias.len() / PANEL;
        let panel = self.logits.len() / num_panels;
        let filled = self.targets.len() * PANEL;
        let by_d = self.transposed.len() / (self.grad_input.len() / panel);
        for (number, (logits, grad_weight)) in self
            .logits
            .chunks_exact(panel)
            .zip(
                self.grad_weight
                    .chunks_exact_mut(self.grad_weight.len() / num_panels),
            )
            .enumerate()
        {
            let mut sums = Sums {
                sums: grad_weight,
                add: self.add_weight,
            };
            multiply(simd, self.input, &logits[..filled], &mut sums);
            let first = (self.first_class + number * PANEL) * PANEL;
            for (transposed, sums) in self
                .transposed
                .chunks_exact(by_d)
                .zip(self.grad_input.chunks_exact_mut(panel))
            {
                let transposed = &transposed[first..][..PANEL * PANEL];
                let add = self.add_input || number > 0;
                multiply_panels(simd, logits, transposed, &mut Sums { sums, add });
            }
        }
    }
}

impl Backward<'_> {
    /// The gradient by logit in place of `exp(logit − largest)`; its sums over rows are the bias's.
    #[inline(always)]
    fn by_logit<S: Simd>(&mut self, simd: S) {
        let classes = self.grad_bias.len();
        let panel = self.logits.len() / (classes / PANEL);
        for (row, weight) in self.weights.iter().enumerate() {
            let factor = (self.statistics[row].largest - self.log_sums[row]).exp() * weight;
            let factor = simd.splat_f32s(factor);
            let smoothed = simd.splat_f32s(-self.smoothed * weight);
            for logits in self.logits.chunks_exact_mut(panel) {
                for value in S::as_mut_simd_f32s(&mut logits[row * PANEL..][..PANEL]).0 {
                    *value = simd.mul_add_f32s(*value, factor, smoothed);
                }
            }
            if let Some(place) = place_of(self.targets[row], self.first_class, classes, row, panel)
            {
                self.logits[place] -= self.hit * weight;
            }
            for (logits, sums) in self
                .logits
                .chunks_exact(panel)
                .zip(self.grad_bias.chunks_exact_mut(PANEL))
            {
                let logits = S::as_simd_f32s(&logits[row * PANEL..][..PANEL]).0;
                for (sum, value) in S::as_mut_simd_f32s(sums).0.iter_mut().zip(logits) {
                    *sum = simd.add_f32s(*sum, *value);
                }
            }
        }
    }
}
