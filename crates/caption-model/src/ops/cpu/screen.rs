//! Which words can be the likeliest at all, by products of 8-bit integers, four times as many of which are computed at a time.
//!
//! With weights `w` of a word and `d` of a position, and what they are rounded to, `ŵ` and `d̂`, the logit `w·d` is off from `ŵ·d̂` by
//! `|w − ŵ| |d| + |ŵ| |d − d̂|` at most (Cauchy and Schwarz), and by what sums of 32-bit numbers are rounded by. A word whose logit
//! is certainly below the certain part of another one's is not the likeliest; the logits of the others are computed as ever.

use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::vnni;
use super::{
    lines::Lines,
    product::{PANEL, TILE},
};

/// Pairs of numbers that an instruction adds up.
const GROUP: usize = 4;
/// Panels of words that a thread takes at a time.
const PANELS: usize = 4;
/// The largest norm of a word or position; far below where the products of two are infinite.
const LARGEST: f32 = 1e15;
/// The most pairs whose products, 127 times 255 at most, have a sum of 32 bits.
const LONGEST: usize = 1 << 16;
/// Numbers of a vector of AVX-512.
const LANES: usize = 16;

/// A word layer in 8-bit integers.
#[derive(Debug)]
pub(super) struct Screen {
    d: usize,
    /// `[panel][group][PANEL][GROUP]`.
    weights: Lines<i8>,
    /// What sums begin with: activations are 128 too large, since they have no sign.
    start: Lines<i32>,
    /// The weights' unit.
    scale: Lines,
    /// `|ŵ|`.
    norm: Lines,
    /// `|w − ŵ|`, and what a product of length 1 is rounded by.
    error: Lines,
    /// What adding the bias is rounded by.
    slack: Lines,
    bias: Lines,
}

/// The words of a panel.
pub(super) struct Panel<'a> {
    pub(super) weights: &'a [i8],
    pub(super) start: &'a [i32],
    pub(super) scale: &'a [f32],
    pub(super) norm: &'a [f32],
    pub(super) error: &'a [f32],
    pub(super) slack: &'a [f32],
    pub(super) bias: &'a [f32],
}

/// Positions in 8-bit integers.
pub(super) struct Positions {
    /// `[tile][group][TILE]`, four numbers from 1 to 255 each.
    pub(super) values: Vec<i32>,
    /// Those of fillers are zeros.
    pub(super) rows: Vec<Position>,
}

/// What a position's numbers are rounded by.
#[derive(Clone, Copy, Default)]
pub(super) struct Position {
    /// Their unit.
    pub(super) scale: f32,
    /// `|d|`.
    pub(super) norm: f32,
    /// `|d − d̂|`.
    pub(super) error: f32,
}

/// What the largest logit can be.
pub(super) struct Bounds<'a> {
    /// Of each position, at most, among a panel's words.
    pub(super) upper: &'a mut [f32],
    /// Of each position and lane, at least, among the words of some panels.
    pub(super) lower: &'a mut [f32],
}

impl Screen {
    /// `weight` is `[d, num_words]`, `bias` of whole panels. `None` if the processor has no such instructions, or a number or the
    /// product is too large.
    pub(super) fn new(weight: &[f32], d: usize, bias: &[f32]) -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        let is_there = vnni::is_there();
        #[cfg(not(target_arch = "x86_64"))]
        let is_there = false;
        if !is_there || d > LONGEST {
            return None;
        }
        let num_words = weight.len() / d;
        let panel_len = d.next_multiple_of(GROUP) * PANEL;
        let mut screen = Self {
            d,
            weights: Lines::zeros(bias.len() / PANEL * panel_len),
            start: Lines::zeros(bias.len()),
            scale: Lines::zeros(bias.len()),
            norm: Lines::zeros(bias.len()),
            error: Lines::zeros(bias.len()),
            slack: Lines::zeros(bias.len()),
            bias: Lines::zeros(bias.len()),
        };
        screen.bias.copy_from_slice(bias);
        let rounding = rounding(d);
        let are_small = screen
            .weights
            .par_chunks_mut(panel_len)
            .zip(screen.start.par_chunks_mut(PANEL))
            .zip(screen.scale.par_chunks_mut(PANEL))
            .zip(screen.norm.par_chunks_mut(PANEL))
            .zip(screen.error.par_chunks_mut(PANEL))
            .zip(screen.slack.par_chunks_mut(PANEL))
            .enumerate()
            .map(
                |(number, (((((weights, start), scale), norm), error), slack))| {
                    let first = number * PANEL;
                    let mut word_weights = vec![0.0; d];
                    let mut are_small = true;
                    for word in 0..PANEL.min(num_words - first) {
                        for (place, weight) in word_weights
                            .iter_mut()
                            .zip(weight[first + word..].iter().step_by(num_words))
                        {
                            *place = *weight;
                        }
                        let rounded = Rounded::new(&word_weights);
                        let mut sum = 0;
                        for (place, weight) in rounded.values(&word_weights).enumerate() {
                            sum += i32::from(weight);
                            weights[(place / GROUP * PANEL + word) * GROUP + place % GROUP] =
                                weight;
                        }
                        start[word] = -128 * sum;
                        scale[word] = rounded.scale;
                        norm[word] = rounded.norm_of_rounded;
                        error[word] =
                            rounded.error + rounding * (rounded.norm + rounded.norm_of_rounded);
                        slack[word] = 8.0 * f32::EPSILON * bias[first + word].abs();
                        are_small &= rounded.norm < LARGEST && bias[first + word].abs() < LARGEST;
                    }
                    are_small
                },
            )
            .reduce(|| true, |a, b| a && b);
        are_small.then_some(screen)
    }

    /// Forbids a word.
    pub(super) fn ban(&mut self, word: usize) {
        self.bias[word] = f32::NEG_INFINITY;
        self.slack[word] = 0.0;
    }

    /// For each panel of words the positions, of those in `deep`, `[positions, d]`, whose likeliest word may be one of the panel's.
    /// `None` if a number is too large or most would have to be looked at.
    pub(super) fn candidates(&self, deep: &[f32]) -> Option<Vec<Vec<usize>>> {
        let rows = deep.len() / self.d;
        let positions = Positions::new(deep, self.d)?;
        let filled = positions.rows.len();
        let num_panels = self.bias.len() / PANEL;
        let mut upper = vec![0.0; num_panels * filled];
        let mut lower = Lines::zeros(num_panels.div_ceil(PANELS) * filled * LANES);
        lower.fill(f32::NEG_INFINITY);
        upper
            .par_chunks_mut(PANELS * filled)
            .zip(lower.par_chunks_mut(filled * LANES))
            .enumerate()
            .for_each(|(block, (upper, lower))| {
                for (number, upper) in upper.chunks_exact_mut(filled).enumerate() {
                    let panel = self.panel(block * PANELS + number);
                    let bounds = Bounds { upper, lower };
                    compute(&panel, &positions, bounds);
                }
            });
        let mut certain = vec![f32::NEG_INFINITY; filled];
        for lower in lower.chunks_exact(filled * LANES) {
            for (certain, lanes) in certain.iter_mut().zip(lower.as_chunks::<LANES>().0) {
                *certain = lanes.iter().copied().fold(*certain, f32::max);
            }
        }
        let candidates: Vec<Vec<usize>> = upper
            .chunks_exact(filled)
            .map(|upper| {
                (0..rows)
                    .filter(|&row| upper[row] >= certain[row])
                    .collect()
            })
            .collect();
        let number: usize = candidates.iter().map(Vec::len).sum();
        (number <= rows * num_panels / 4).then_some(candidates)
    }

    fn panel(&self, number: usize) -> Panel<'_> {
        let words = number * PANEL..(number + 1) * PANEL;
        let len = self.d.next_multiple_of(GROUP) * PANEL;
        Panel {
            weights: &self.weights[number * len..][..len],
            start: &self.start[words.clone()],
            scale: &self.scale[words.clone()],
            norm: &self.norm[words.clone()],
            error: &self.error[words.clone()],
            slack: &self.slack[words.clone()],
            bias: &self.bias[words],
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that not every processor has")]
fn compute(panel: &Panel<'_>, positions: &Positions, mut bounds: Bounds<'_>) {
    // SAFETY: a screen is only made where these instructions are.
    unsafe { vnni::bounds(panel, positions, &mut bounds) }
}

#[cfg(not(target_arch = "x86_64"))]
fn compute(_: &Panel<'_>, _: &Positions, _: Bounds<'_>) {
    unreachable!("no screen is made for other processors");
}

impl Positions {
    /// Of `deep`, `[positions, d]`; `None` if a number is too large.
    fn new(deep: &[f32], d: usize) -> Option<Self> {
        let tile_len = d.div_ceil(GROUP) * TILE;
        let filled = (deep.len() / d).next_multiple_of(TILE);
        let mut values = vec![0; filled / TILE * tile_len];
        let mut rows = vec![Position::default(); filled];
        let are_small = values
            .par_chunks_mut(tile_len)
            .zip(rows.par_chunks_mut(TILE))
            .zip(deep.par_chunks(TILE * d))
            .map(|((values, rows), deep)| {
                let mut are_small = true;
                for (row, deep) in deep.chunks_exact(d).enumerate() {
                    let rounded = Rounded::new(deep);
                    for (group, values) in values.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
                        let deep = &deep[group * GROUP..d.min((group + 1) * GROUP)];
                        let mut four = [0; GROUP];
                        for (place, value) in four.iter_mut().zip(rounded.values(deep)) {
                            *place = value.cast_unsigned() ^ 128; // 128 added
                        }
                        values[row] = i32::from_le_bytes(four);
                    }
                    rows[row] = Position {
                        scale: rounded.scale,
                        norm: rounded.norm,
                        error: rounded.error * (1.0 + rounding(d)),
                    };
                    are_small &= rounded.norm < LARGEST;
                }
                are_small
            })
            .reduce(|| true, |a, b| a && b);
        are_small.then_some(Self { values, rows })
    }
}

/// What a product of two vectors of length 1 in 32 bits is rounded by at most, with the bounds' own arithmetic, twice over.
fn rounding(d: usize) -> f32 {
    let operations = u32::try_from(d).map_or(f64::INFINITY, f64::from) + 32.0;
    above(operations * f64::from(f32::EPSILON))
}

/// A number a little larger.
#[expect(clippy::cast_possible_truncation, reason = "rounding is allowed for")]
fn above(number: f64) -> f32 {
    (number * (1.0 + 1e-6)) as f32
}

/// How numbers are rounded to whole multiples, 127 at most, of a unit.
struct Rounded {
    scale: f32,
    /// Length of the numbers.
    norm: f32,
    /// Length of what they are rounded to.
    norm_of_rounded: f32,
    /// Length of the difference.
    error: f32,
}

impl Rounded {
    fn new(numbers: &[f32]) -> Self {
        let largest = numbers
            .iter()
            .fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let mut rounded = Self {
            scale: largest / 127.0,
            norm: f32::INFINITY,
            norm_of_rounded: 0.0,
            error: 0.0,
        };
        let (mut norm, mut of_rounded, mut error) = (0.0, 0.0, 0.0);
        for (number, value) in numbers.iter().zip(rounded.values(numbers)) {
            let (number, value) = (
                f64::from(*number),
                f64::from(value) * f64::from(rounded.scale),
            );
            norm += number * number;
            of_rounded += value * value;
            error += (number - value) * (number - value);
        }
        if f64::is_finite(norm) {
            rounded.norm = above(norm.sqrt());
        }
        rounded.norm_of_rounded = above(of_rounded.sqrt());
        rounded.error = above(error.sqrt());
        rounded
    }

    /// The multiples.
    #[expect(clippy::cast_possible_truncation, reason = "at most 127")]
    fn values(&self, numbers: &[f32]) -> impl Iterator<Item = i8> {
        let factor = if self.scale > 0.0 {
            1.0 / self.scale
        } else {
            0.0
        };
        numbers
            .iter()
            .map(move |number| (number * factor).round_ties_even().clamp(-127.0, 127.0) as i8)
    }
}
