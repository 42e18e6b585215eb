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
    word_layer::PANELS,
};

/// Pairs of numbers that an instruction adds up.
const GROUP: usize = 4;
/// The largest norm of a word or position; far below where the products of two are infinite.
const LARGEST: f32 = 1e15;
/// The most pairs whose products, 127 times 255 at most, have a sum of 32 bits.
const LONGEST: usize = 1 << 16;
/// Numbers of a vector of AVX-512.
pub(super) const LANES: usize = 16;

/// A word layer in 8-bit integers.
#[derive(Debug)]
pub(super) struct Screen {
    d: usize,
    /// `[panel][group][PANEL][GROUP]`.
    weights: Lines<i8>,
    /// By panel.
    words: Vec<Words>,
}

/// What is known of the words of a panel, on lines of the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Words {
    /// What sums begin with: activations are 128 too large, since they have no sign.
    pub(super) start: [i32; PANEL],
    /// The weights' unit.
    pub(super) scale: [f32; PANEL],
    /// `|ŵ|`.
    pub(super) norm: [f32; PANEL],
    /// `|w − ŵ|`, and what a product of length 1 is rounded by.
    pub(super) error: [f32; PANEL],
    /// What adding the bias is rounded by.
    pub(super) slack: [f32; PANEL],
    pub(super) bias: [f32; PANEL],
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
        let panel_len = panel_len(d);
        let mut weights = Lines::zeros(bias.len() / PANEL * panel_len);
        let words: Option<Vec<Words>> = weights
            .par_chunks_mut(panel_len)
            .zip(bias.as_chunks::<PANEL>().0)
            .enumerate()
            .map(|(number, (rounded, bias))| {
                let first = number * PANEL;
                let mut words = Words::new(*bias);
                let mut numbers = vec![0.0; d];
                let mut values = vec![0; d];
                for word in 0..PANEL.min(num_words - first) {
                    let weights = weight[first + word..].iter().step_by(num_words);
                    numbers
                        .iter_mut()
                        .zip(weights)
                        .for_each(|(to, from)| *to = *from);
                    words.set(word, &Rounded::new(&numbers, &mut values)?, &values)?;
                    for (place, value) in values.iter().enumerate() {
                        rounded[(place / GROUP * PANEL + word) * GROUP + place % GROUP] = *value;
                    }
                }
                Some(words)
            })
            .collect();
        let words = words?;
        Some(Self { d, weights, words })
    }

    /// Forbids a word.
    pub(super) fn ban(&mut self, word: usize) {
        let (words, word) = (&mut self.words[word / PANEL], word % PANEL);
        words.bias[word] = f32::NEG_INFINITY;
        words.slack[word] = 0.0;
    }

    /// For each panel of words the positions, of those in `deep`, `[positions, d]`, whose likeliest word may be one of the panel's.
    /// `None` if a number is too large or most would have to be looked at.
    pub(super) fn candidates(&self, deep: &[f32]) -> Option<Vec<Vec<usize>>> {
        let rows = deep.len() / self.d;
        let positions = Positions::new(deep, self.d)?;
        let filled = positions.rows.len();
        let num_panels = self.words.len();
        let mut upper = vec![0.0; num_panels * filled];
        let mut lower = Lines::zeros(num_panels.div_ceil(PANELS) * filled * LANES);
        lower.fill(f32::NEG_INFINITY);
        let panel_len = panel_len(self.d);
        upper
            .par_chunks_mut(PANELS * filled)
            .zip(lower.par_chunks_mut(filled * LANES))
            .zip(self.weights.par_chunks(PANELS * panel_len))
            .zip(self.words.par_chunks(PANELS))
            .for_each(|(((upper, lower), weights), words)| {
                for ((upper, weights), words) in upper
                    .chunks_exact_mut(filled)
                    .zip(weights.chunks_exact(panel_len))
                    .zip(words)
                {
                    compute(weights, words, &positions, Bounds { upper, lower });
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
}

/// Numbers of a panel's weights.
fn panel_len(d: usize) -> usize {
    d.next_multiple_of(GROUP) * PANEL
}

impl Words {
    /// Fillers with this bias.
    fn new(bias: [f32; PANEL]) -> Self {
        Self {
            start: [0; PANEL],
            scale: [0.0; PANEL],
            norm: [0.0; PANEL],
            error: [0.0; PANEL],
            slack: [0.0; PANEL],
            bias,
        }
    }

    /// `None` if the bias is too large.
    fn set(&mut self, word: usize, rounded: &Rounded, values: &[i8]) -> Option<()> {
        let bias = self.bias[word].abs();
        let sum: i32 = values.iter().copied().map(i32::from).sum();
        self.start[word] = -128 * sum;
        self.scale[word] = rounded.scale;
        self.norm[word] = rounded.norm_of_rounded;
        self.error[word] =
            rounded.error + rounding(values.len()) * (rounded.norm + rounded.norm_of_rounded);
        self.slack[word] = 8.0 * f32::EPSILON * bias;
        (bias < LARGEST).then_some(())
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that not every processor has")]
fn compute(weights: &[i8], words: &Words, positions: &Positions, mut bounds: Bounds<'_>) {
    // SAFETY: a screen is only made where these instructions are.
    unsafe { vnni::bounds(weights, words, positions, &mut bounds) }
}

#[cfg(not(target_arch = "x86_64"))]
fn compute(_: &[i8], _: &Words, _: &Positions, _: Bounds<'_>) {
    unreachable!("no screen is made for other processors");
}

impl Positions {
    /// Of `deep`, `[positions, d]`; `None` if a number is too large.
    fn new(deep: &[f32], d: usize) -> Option<Self> {
        let tile_len = d.div_ceil(GROUP) * TILE;
        let filled = (deep.len() / d).next_multiple_of(TILE);
        let mut values = vec![0; filled / TILE * tile_len];
        let mut rows = vec![Position::default(); filled];
        values
            .par_chunks_mut(tile_len)
            .zip(rows.par_chunks_mut(TILE))
            .zip(deep.par_chunks(TILE * d))
            .try_for_each(|((values, rows), deep)| {
                let mut rounded_values = vec![0; d];
                for (row, deep) in deep.chunks_exact(d).enumerate() {
                    let rounded = Rounded::new(deep, &mut rounded_values)?;
                    let groups = rounded_values.chunks(GROUP);
                    for (place, group) in values.as_chunks_mut::<TILE>().0.iter_mut().zip(groups) {
                        let mut four = [0; GROUP];
                        for (to, value) in four.iter_mut().zip(group) {
                            *to = value.cast_unsigned() ^ 128; // 128 added
                        }
                        place[row] = i32::from_le_bytes(four);
                    }
                    rows[row] = Position {
                        scale: rounded.scale,
                        norm: rounded.norm,
                        error: rounded.error * (1.0 + rounding(d)),
                    };
                }
                Some(())
            })?;
        Some(Self { values, rows })
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
    /// Writes the multiples. `None` if the numbers are too large.
    #[expect(clippy::cast_possible_truncation, reason = "multiples are at most 127")]
    fn new(numbers: &[f32], multiples: &mut [i8]) -> Option<Self> {
        let largest = numbers
            .iter()
            .fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let scale = largest / 127.0;
        let factor = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let (mut norm, mut of_rounded, mut error) = (0.0, 0.0, 0.0);
        for (number, multiple) in numbers.iter().zip(multiples) {
            *multiple = (number * factor).round_ties_even().clamp(-127.0, 127.0) as i8;
            let (number, value) = (f64::from(*number), f64::from(*multiple) * f64::from(scale));
            norm += number * number;
            of_rounded += value * value;
            error += (number - value) * (number - value);
        }
        let norm = above(norm.sqrt());
        (norm < LARGEST).then(|| Self {
            scale,
            norm,
            norm_of_rounded: above(of_rounded.sqrt()),
            error: above(error.sqrt()),
        })
    }
}
