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
    lines::Lines,
    panels::{panels_of_transpose, tiles, tiles_of_transpose, unpack},
    product::{PANEL, Sums, TILE, multiply, multiply_panels},
    word_layer::{PANELS, WordLayer},
};

/// Words that are computed together.
const BLOCK: usize = PANELS * PANEL;

/// Most positions whose logits are computed together.
const CHUNK: usize = 252;
/// Parts of the vocabulary, at most, over which the gradient of `deep` is summed: 118 blocks of words become 20 parts of 6,
/// which two cores end together.
const GROUPS: usize = 20;

/// What is to be computed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// `[positions, d]`.
    pub(crate) deep: &'a [f32],
    /// The word to be said at each position.
    pub(crate) targets: &'a [usize],
    /// ε of label smoothing.
    pub(crate) smoothing: f32,
    /// Weight of each position's loss in the sum that is differentiated; `None` for no gradients.
    pub(crate) weights: Option<&'a [f32]>,
}

/// Losses by position.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    /// With smoothed labels.
    pub(crate) loss: Vec<f32>,
    /// Negative log-likelihood of the target.
    pub(crate) nll: Vec<f32>,
}

/// Gradients of the weighted sum of the losses.
#[derive(Debug, Default)]
pub(crate) struct Gradients {
    /// `[positions, d]`.
    pub(crate) deep: Vec<f32>,
    /// `[panel of words][d, whole tiles][PANEL]`.
    weight: Lines,
    bias: Lines,
    num_words: usize,
}

impl Gradients {
    /// Of the weight, `[d, num_words]`, times `scale`.
    pub(crate) fn weight(&self, d: usize, scale: f32) -> Vec<f32> {
        unpack(&self.weight, d, self.num_words, scale)
    }

    /// Of the bias, times `scale`.
    pub(crate) fn bias(&self, scale: f32) -> Vec<f32> {
        let bias = self.bias.iter().take(self.num_words);
        bias.map(|value| value * scale).collect()
    }
}

/// The losses of all positions, and their gradients if [`Request::weights`] are given.
pub(crate) fn word_costs(
    request: Request<'_>,
    weight: &[f32],
    layer: &WordLayer,
) -> (Costs, Option<Gradients>) {
    let (d, positions) = (layer.d, request.targets.len());
    let mut sweep = Sweep::new(request, weight, layer);
    if positions == 0 {
        return (Costs::default(), sweep.gradients);
    }
    // Chunks of about the same size.
    let chunk = positions
        .div_ceil(positions.div_ceil(CHUNK))
        .next_multiple_of(TILE);
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
    /// The transposed weight, `[panel of d][word][PANEL]`; only for gradients.
    transposed: Lines,
    costs: Costs,
    gradients: Option<Gradients>,
    /// `[panel of words][position][PANEL]`.
    logits: Lines,
    /// The gradient of `deep` by parts of the vocabulary, `[part][panel of d][position][PANEL]`.
    sums: Lines,
}

impl<'a> Sweep<'a> {
    fn new(request: Request<'a>, weight: &[f32], layer: &'a WordLayer) -> Self {
        let (d, panels) = (layer.d, layer.num_panels());
        let mut transposed = Lines::default();
        let mut gradients = None;
        if request.weights.is_some() {
            transposed = panels_of_transpose(weight, d, layer.num_words, panels * PANEL);
            gradients = Some(Gradients {
                deep: Vec::with_capacity(request.deep.len()),
                weight: Lines::zeros(panels * PANEL * d.next_multiple_of(TILE)),
                bias: Lines::zeros(panels * PANEL),
                num_words: layer.num_words,
            });
        }
        Self {
            request,
            layer,
            arch: Arch::new(),
            transposed,
            costs: Costs::default(),
            gradients,
            logits: Lines::default(),
            sums: Lines::default(),
        }
    }

    /// Does all for the positions from `first` on.
    fn chunk(&mut self, first: usize, deep: &[f32]) {
        let rows = deep.len() / self.layer.d;
        let targets = &self.request.targets[first..first + rows];
        let panel = rows.next_multiple_of(TILE) * PANEL;
        let num_panels = self.layer.num_panels();
        if self.logits.len() < num_panels * panel {
            self.logits = Lines::zeros(num_panels * panel); // the first chunk is the largest
        }
        let by_position = tiles(deep, rows, self.layer.d, self.layer.d);
        let statistics: Vec<Vec<Statistics>> = self.logits[..num_panels * panel]
            .par_chunks_mut(PANELS * panel)
            .enumerate()
            .map(|(number, logits)| {
                let end = num_panels.min((number + 1) * PANELS);
                let (panels, bias) = self.layer.block(number * PANELS..end);
                self.arch.dispatch(Forward {
                    deep: &by_position,
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
        let (d_tiles, d_panels) = (d.next_multiple_of(TILE), d.next_multiple_of(PANEL));
        let num_panels = self.layer.num_panels();
        let panel = rows.next_multiple_of(TILE) * PANEL;
        let group = num_panels.div_ceil(PANELS).div_ceil(GROUPS);
        let groups = num_panels.div_ceil(group * PANELS);
        let part = d_panels / PANEL * panel;
        if self.sums.len() < groups * part {
            self.sums = Lines::zeros(groups * part);
        }
        let by_dimension = tiles_of_transpose(deep, d);
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
                        first_word: (number * group + within) * BLOCK,
                        deep: &by_dimension,
                        targets,
                        weights,
                        smoothed: smoothing / count(self.layer.num_words),
                        hit: 1.0 - smoothing,
                        statistics,
                        log_sums,
                        transposed: &self.transposed,
                        logits,
                        of_weight: weight,
                        add_weight: !is_first,
                        of_bias: bias,
                        of_deep: sums,
                        add_deep: within > 0,
                    });
                }
            });
        let start = gradients.deep.len();
        gradients.deep.resize(start + rows * d, 0.0);
        gradients.deep[start..]
            .par_chunks_mut(d)
            .enumerate()
            .for_each(|(row, deep)| {
                for sums in self.sums[..groups * part].chunks_exact(part) {
                    for (deep, sums) in deep.chunks_mut(PANEL).zip(sums.chunks_exact(panel)) {
                        for (place, sum) in deep.iter_mut().zip(&sums[row * PANEL..]) {
                            *place += sum;
                        }
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
    /// In tiles.
    deep: &'a [f32],
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
        let num_panels = self.bias.len() / PANEL;
        let panel = self.logits.len() / num_panels;
        for (weights, logits) in self
            .panels
            .chunks_exact(self.panels.len() / num_panels)
            .zip(self.logits.chunks_exact_mut(panel))
        {
            multiply(
                simd,
                self.deep,
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
            let target = match place_of(*target, self.first_word, self.bias.len(), row, panel) {
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

/// Where a block has the logit of `word` in row `row`, if it is one of the block's words.
#[inline(always)]
fn place_of(
    word: usize,
    first_word: usize,
    words: usize,
    row: usize,
    panel: usize,
) -> Option<usize> {
    match word.checked_sub(first_word) {
        Some(word) if word < words => Some(word / PANEL * panel + row * PANEL + word % PANEL),
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
    first_word: usize,
    /// The transpose of `deep`, in tiles.
    deep: &'a [f32],
    targets: &'a [usize],
    weights: &'a [f32],
    /// Share of a smoothed label that every word has.
    smoothed: f32,
    /// Share that the target has besides.
    hit: f32,
    statistics: &'a [Statistics],
    log_sums: &'a [f32],
    /// All of it.
    transposed: &'a [f32],
    logits: &'a mut [f32],
    of_weight: &'a mut [f32],
    add_weight: bool,
    of_bias: &'a mut [f32],
    of_deep: &'a mut [f32],
    /// Whether what is in `of_deep` is of blocks before this one.
    add_deep: bool,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.by_logit(simd);
        let num_panels = self.of_bias.len() / PANEL;
        let panel = self.logits.len() / num_panels;
        let positions = self.targets.len() * PANEL;
        let by_d = self.transposed.len() / (self.of_deep.len() / panel);
        for (number, (logits, of_weight)) in self
            .logits
            .chunks_exact(panel)
            .zip(
                self.of_weight
                    .chunks_exact_mut(self.of_weight.len() / num_panels),
            )
            .enumerate()
        {
            let mut sums = Sums {
                sums: of_weight,
                add: self.add_weight,
            };
            multiply(simd, self.deep, &logits[..positions], &mut sums);
            let words = (self.first_word + number * PANEL) * PANEL;
            for (transposed, sums) in self
                .transposed
                .chunks_exact(by_d)
                .zip(self.of_deep.chunks_exact_mut(panel))
            {
                let transposed = &transposed[words..][..PANEL * PANEL];
                let add = self.add_deep || number > 0;
                multiply_panels(simd, logits, transposed, &mut Sums { sums, add });
            }
        }
    }
}

impl Backward<'_> {
    /// The gradient by logit in place of `exp(logit − largest)`; its sums over positions are the bias's.
    #[inline(always)]
    fn by_logit<S: Simd>(&mut self, simd: S) {
        let words = self.of_bias.len();
        let panel = self.logits.len() / (words / PANEL);
        for (row, weight) in self.weights.iter().enumerate() {
            let factor = (self.statistics[row].largest - self.log_sums[row]).exp() * weight;
            let factor = simd.splat_f32s(factor);
            let smoothed = simd.splat_f32s(-self.smoothed * weight);
            for logits in self.logits.chunks_exact_mut(panel) {
                for value in S::as_mut_simd_f32s(&mut logits[row * PANEL..][..PANEL]).0 {
                    *value = simd.mul_add_f32s(*value, factor, smoothed);
                }
            }
            if let Some(place) = place_of(self.targets[row], self.first_word, words, row, panel) {
                self.logits[place] -= self.hit * weight;
            }
            for (logits, sums) in self
                .logits
                .chunks_exact(panel)
                .zip(self.of_bias.chunks_exact_mut(PANEL))
            {
                let logits = S::as_simd_f32s(&logits[row * PANEL..][..PANEL]).0;
                for (sum, value) in S::as_mut_simd_f32s(sums).0.iter_mut().zip(logits) {
                    *sum = simd.add_f32s(*sum, *value);
                }
            }
        }
    }
}
