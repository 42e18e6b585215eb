//! A linear layer and its input in 8-bit integers, with bounds of what that rounds off.

use rayon::prelude::*;

use crate::cpu::{
    lines::Lines,
    product::{PANEL, TILE},
};

/// Pairs of numbers that an instruction adds up.
pub(super) const GROUP: usize = 4;
/// Numbers of a vector of AVX-512.
pub(super) const LANES: usize = 16;
/// The largest norm of a column or row; far below where the products of two are infinite.
const LARGEST: f32 = 1e15;
/// The most pairs whose products, 127 times 255 at most, have a sum of 32 bits.
const LONGEST: usize = 1 << 16;

/// A layer's weights.
#[derive(Debug)]
pub(super) struct QuantizedLayer {
    /// `[panel][group][PANEL][GROUP]`.
    pub(super) weights: Lines<i8>,
    pub(super) panels: Vec<Panel>,
}

/// What is known of the classes of a panel, on lines of the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Panel {
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

/// The rows of an input.
#[derive(Debug)]
pub(super) struct QuantizedRows {
    /// `[tile][group][TILE]`, four numbers from 1 to 255 each.
    pub(super) values: Vec<i32>,
    /// Those of fillers are zeros.
    pub(super) rows: Vec<Row>,
}

/// What a row's numbers are rounded by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Row {
    /// Their unit.
    pub(super) scale: f32,
    /// `|x|`.
    pub(super) norm: f32,
    /// `|x − x̂|`.
    pub(super) error: f32,
}

/// What the largest logit can be.
#[derive(Debug)]
pub(super) struct Bounds<'a> {
    /// Of each row, at most, among a panel's classes.
    pub(super) upper: &'a mut [f32],
    /// Of each row and lane, at least, among the classes of some panels.
    pub(super) lower: &'a mut [f32],
}

/// Numbers of a panel's weights.
pub(super) fn panel_len(d: usize) -> usize {
    d.next_multiple_of(GROUP) * PANEL
}

impl QuantizedLayer {
    /// `weight` is `[d, num_classes]`, `bias` of whole panels. `None` if a number or the product is
    /// too large.
    pub(super) fn new(weight: &[f32], d: usize, bias: &[f32]) -> Option<Self> {
        if d > LONGEST {
            return None;
        }
        let num_classes = weight.len() / d;
        let panel_len = panel_len(d);
        let mut weights = Lines::zeros(bias.len() / PANEL * panel_len);
        let panels: Option<Vec<Panel>> = weights
            .par_chunks_mut(panel_len)
            .zip(bias.as_chunks::<PANEL>().0)
            .enumerate()
            .map(|(number, (rounded, bias))| {
                let first = number * PANEL;
                let mut panel = Panel::new(*bias);
                let mut column = vec![0.0; d];
                let mut multiples = vec![0; d];
                for class in 0..PANEL.min(num_classes - first) {
                    let weights = weight[first + class..].iter().step_by(num_classes);
                    column
                        .iter_mut()
                        .zip(weights)
                        .for_each(|(to, from)| *to = *from);
                    let errors = Rounding::new(&column, &mut multiples)?;
                    panel.set(class, &errors, &multiples)?;
                    for (place, value) in multiples.iter().enumerate() {
                        rounded[(place / GROUP * PANEL + class) * GROUP + place % GROUP] = *value;
                    }
                }
                Some(panel)
            })
            .collect();
        panels.map(|panels| Self { weights, panels })
    }

    /// Makes a class's logit `-inf`.
    pub(super) fn exclude(&mut self, class: usize) {
        let (panel, class) = (&mut self.panels[class / PANEL], class % PANEL);
        panel.bias[class] = f32::NEG_INFINITY;
        panel.slack[class] = 0.0;
    }
}

impl Panel {
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
    fn set(&mut self, class: usize, rounding: &Rounding, multiples: &[i8]) -> Option<()> {
        let bias = self.bias[class].abs();
        let sum: i32 = multiples.iter().copied().map(i32::from).sum();
        self.start[class] = -128 * sum;
        self.scale[class] = rounding.scale;
        self.norm[class] = rounding.norm_of_rounded;
        self.error[class] = rounding.error
            + error_of_product(multiples.len()) * (rounding.norm + rounding.norm_of_rounded);
        self.slack[class] = 8.0 * f32::EPSILON * bias;
        (bias < LARGEST).then_some(())
    }
}

impl QuantizedRows {
    /// Of `input`, `[rows, d]`; `None` if a number is too large.
    pub(super) fn new(input: &[f32], d: usize) -> Option<Self> {
        let tile_len = d.div_ceil(GROUP) * TILE;
        let filled = (input.len() / d).next_multiple_of(TILE);
        let mut values = vec![0; filled / TILE * tile_len];
        let mut rows = vec![Row::default(); filled];
        values
            .par_chunks_mut(tile_len)
            .zip(rows.par_chunks_mut(TILE))
            .zip(input.par_chunks(TILE * d))
            .try_for_each(|((values, rows), input)| {
                let mut multiples = vec![0; d];
                for (row, input) in input.chunks_exact(d).enumerate() {
                    let rounding = Rounding::new(input, &mut multiples)?;
                    let groups = multiples.chunks(GROUP);
                    for (place, group) in values.as_chunks_mut::<TILE>().0.iter_mut().zip(groups) {
                        let mut four = [0; GROUP];
                        for (to, value) in four.iter_mut().zip(group) {
                            *to = value.cast_unsigned() ^ 128; // 128 added
                        }
                        place[row] = i32::from_le_bytes(four);
                    }
                    rows[row] = Row {
                        scale: rounding.scale,
                        norm: rounding.norm,
                        error: rounding.error * (1.0 + error_of_product(d)),
                    };
                }
                Some(())
            })?;
        Some(Self { values, rows })
    }
}

/// What a product of two vectors of length 1 in 32 bits is rounded by at most, with the bounds' own
/// arithmetic, twice over.
fn error_of_product(d: usize) -> f32 {
    let operations = u32::try_from(d).map_or(f64::INFINITY, f64::from) + 32.0;
    above(operations * f64::from(f32::EPSILON))
}

/// A number a little larger.
#[expect(clippy::cast_possible_truncation, reason = "rounding is allowed for")]
fn above(number: f64) -> f32 {
    (number * (1.0 + 1e-6)) as f32
}

/// How numbers are rounded to whole multiples, 127 at most, of a unit.
struct Rounding {
    scale: f32,
    /// Length of the numbers.
    norm: f32,
    /// Length of what they are rounded to.
    norm_of_rounded: f32,
    /// Length of the difference.
    error: f32,
}

impl Rounding {
    /// Writes the multiples. `None` if the numbers are too large.
    #[expect(clippy::cast_possible_truncation, reason = "multiples are at most 127")]
    fn new(numbers: &[f32], multiples: &mut [i8]) -> Option<Self> {
        let largest = numbers
            .iter()
            .fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let scale = largest / 127.0;
        let factor = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let (mut norm, mut norm_of_rounded, mut error) = (0.0, 0.0, 0.0);
        for (number, multiple) in numbers.iter().zip(multiples) {
            *multiple = (number * factor).round_ties_even().clamp(-127.0, 127.0) as i8;
            let (number, value) = (f64::from(*number), f64::from(*multiple) * f64::from(scale));
            norm += number * number;
            norm_of_rounded += value * value;
            error += (number - value) * (number - value);
        }
        let norm = above(norm.sqrt());
        (norm < LARGEST).then(|| Self {
            scale,
            norm,
            norm_of_rounded: above(norm_of_rounded.sqrt()),
            error: above(error.sqrt()),
        })
    }
}
