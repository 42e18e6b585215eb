//! The class of the largest logit.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::screen::{Instructions, Screen};
use crate::cpu::{
    packed_linear::{PANELS, PackedLinear},
    panels::tiles,
    product::{PANEL, Sink, TILE, multiply},
};

/// Rows that are computed together.
const CHUNK: usize = 288;

/// A linear layer made ready for finding the class of the largest logit.
#[derive(Debug)]
pub(super) struct Argmax {
    layer: PackedLinear,
    screen: Option<Screen>,
}

impl Argmax {
    /// Copies `weight`, `[d, num_classes]`; `bias` holds `num_classes` numbers or nothing.
    pub(super) fn new(weight: &[f32], d: usize, bias: Option<&[f32]>) -> Self {
        Self::with(Instructions::detect(), weight, d, bias)
    }

    /// Screened by these instructions.
    fn with(
        instructions: Option<Instructions>,
        weight: &[f32],
        d: usize,
        bias: Option<&[f32]>,
    ) -> Self {
        let layer = PackedLinear::new(weight, d, bias);
        let screen = instructions
            .and_then(|instructions| Screen::new(instructions, weight, d, layer.bias()));
        Self { layer, screen }
    }

    /// Makes a class's logit `-inf`.
    pub(super) fn exclude(&mut self, class: usize) {
        self.layer.exclude(class);
        if let Some(screen) = &mut self.screen {
            screen.exclude(class);
        }
    }

    /// For each row of `input`, `[rows, d]`, the class with the largest logit; the first of equals.
    pub(super) fn argmax(&self, input: &[f32]) -> Vec<usize> {
        let mut classes = Vec::with_capacity(input.len() / self.layer.d);
        for input in input.chunks(CHUNK * self.layer.d) {
            let screen = self.screen.as_ref();
            classes.extend(match screen.and_then(|screen| screen.candidates(input)) {
                Some(candidates) => self.of_candidates(input, &candidates),
                None => self.of_all(input),
            });
        }
        classes
    }

    /// Logits are compared panel by panel while they are in registers, and never stored.
    fn of_all(&self, input: &[f32]) -> Vec<usize> {
        let d = self.layer.d;
        let rows = input.len() / d;
        let input = tiles(input, rows, d, d);
        let num_panels = self.layer.num_panels();
        let bests: Vec<Vec<Best>> = (0..num_panels.div_ceil(PANELS))
            .into_par_iter()
            .map(|block| {
                let panels = block * PANELS..num_panels.min((block + 1) * PANELS);
                self.best_of(panels, rows, &input)
            })
            .collect();
        let mut classes = vec![Best::NONE; rows];
        for (block, bests) in bests.iter().enumerate() {
            for (class, best) in classes.iter_mut().zip(bests) {
                class.or(best, block * PANELS * PANEL);
            }
        }
        classes.iter().map(|best| best.class).collect()
    }

    /// With the rows that each panel of classes is to be looked at for.
    fn of_candidates(&self, input: &[f32], candidates: &[Vec<usize>]) -> Vec<usize> {
        let d = self.layer.d;
        let bests: Vec<Vec<Best>> = candidates
            .par_iter()
            .enumerate()
            .map(|(panel, rows)| {
                if rows.is_empty() {
                    return Vec::new();
                }
                let row = |row: &usize| &input[row * d..][..d];
                let input = rows.iter().map(row).collect::<Vec<_>>().concat();
                let input = tiles(&input, rows.len(), d, d);
                self.best_of(panel..panel + 1, rows.len(), &input)
            })
            .collect();
        let mut classes = vec![Best::NONE; input.len() / d];
        for (panel, (rows, bests)) in candidates.iter().zip(&bests).enumerate() {
            for (&row, best) in rows.iter().zip(bests) {
                classes[row].or(best, panel * PANEL);
            }
        }
        classes.iter().map(|best| best.class).collect()
    }

    /// The best classes of some panels, counted from the first one's.
    fn best_of(&self, panels: std::ops::Range<usize>, rows: usize, input: &[f32]) -> Vec<Best> {
        let (panels, bias) = self.layer.block(panels);
        Arch::new().dispatch(Block {
            rows,
            input,
            panels,
            bias,
        })
    }
}

/// A class and its logit.
#[derive(Clone, Copy, Debug)]
struct Best {
    logit: f32,
    class: usize,
}

impl Best {
    const NONE: Self = Self {
        logit: f32::NEG_INFINITY,
        class: 0,
    };

    /// Takes another one, whose class is counted from `first`, if it is better.
    fn or(&mut self, other: &Self, first: usize) {
        if other.logit > self.logit {
            *self = Self {
                logit: other.logit,
                class: first + other.class,
            };
        }
    }
}

/// Some panels of classes.
struct Block<'a> {
    rows: usize,
    /// In tiles.
    input: &'a [f32],
    panels: &'a [f32],
    bias: &'a [f32],
}

impl WithSimd for Block<'_> {
    type Output = Vec<Best>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let nothing = (simd.splat_f32s(f32::NEG_INFINITY), simd.splat_u32s(0));
        let mut largest = vec![nothing; self.rows.next_multiple_of(TILE)];
        let num_panels = self.bias.len() / PANEL;
        for (number, (panel, bias)) in self
            .panels
            .chunks_exact(self.panels.len() / num_panels)
            .zip(self.bias.chunks_exact(PANEL))
            .enumerate()
        {
            let mut sink = Largest::<S> {
                largest: &mut largest,
                bias: S::as_simd_f32s(bias).0,
                vectors_before: number * PANEL / S::F32_LANES,
            };
            multiply(simd, self.input, panel, &mut sink);
        }
        // No closures: they would not be compiled for the vectors of `S`.
        let mut bests = Vec::with_capacity(self.rows);
        for largest in &largest[..self.rows] {
            bests.push(first_largest::<S>(largest));
        }
        bests
    }
}

/// Keeps for each row and lane the largest logit and the number of its vector, the first of equals.
struct Largest<'a, S: Simd> {
    largest: &'a mut [(S::f32s, S::u32s)],
    bias: &'a [S::f32s],
    /// Vectors of the panels before this one.
    vectors_before: usize,
}

impl<S: Simd> Sink<S> for Largest<'_, S> {
    #[inline(always)]
    fn take<const V: usize>(
        &mut self,
        simd: S,
        tile: usize,
        first: usize,
        product: &[[S::f32s; V]; TILE],
    ) {
        let first = first / S::F32_LANES;
        let bias = &self.bias[first..];
        let rows = &mut self.largest[tile * TILE..];
        for ((largest, place), product) in rows.iter_mut().zip(product) {
            let vectors = self.vectors_before + first..;
            for ((number, product), bias) in vectors.zip(product).zip(bias) {
                let number = simd.splat_u32s(u32::try_from(number).unwrap_or(u32::MAX));
                let logit = simd.add_f32s(*product, *bias);
                let larger = simd.greater_than_f32s(logit, *largest);
                *largest = simd.select_f32s(larger, logit, *largest);
                *place = simd.select_u32s(larger, number, *place);
            }
        }
    }
}

/// The largest of the logits that were largest in each lane, by number of the vector, and its
/// place; the first of equals.
#[inline(always)]
fn first_largest<S: Simd>((largest, vectors): &(S::f32s, S::u32s)) -> Best {
    let mut best = Best {
        class: usize::MAX,
        ..Best::NONE
    };
    let lanes = bytemuck::cast_slice::<S::f32s, f32>(std::slice::from_ref(largest));
    let vectors = bytemuck::cast_slice::<S::u32s, u32>(std::slice::from_ref(vectors));
    for (lane, (&logit, &vector)) in lanes.iter().zip(vectors).enumerate() {
        let class = vector as usize * S::F32_LANES + lane;
        if logit > best.logit || (logit == best.logit && class < best.class) {
            best = Best { logit, class };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn with_and_without(
        weight: &[f32],
        d: usize,
        bias: Option<&[f32]>,
        input: &[f32],
    ) -> Vec<usize> {
        let layer = Argmax::with(Some(Instructions::Scalar), weight, d, bias);
        let found = layer.argmax(input);
        assert_eq!(found, layer.of_all(input));
        assert_eq!(found, Argmax::new(weight, d, bias).argmax(input));
        found
    }

    /// Of random layers, of classes much longer than others, of classes that differ in their last
    /// bits, and of equal ones: screened or not, the same classes are found.
    #[test]
    fn screening_changes_nothing() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for (d, num_classes, rows) in [(1, 3, 5), (7, 300, 13), (64, 1000, 100), (130, 700, 300)] {
            for spread in [0.0, 1e-6, 1.0] {
                let mut number = || random.random_range(-1.0f32..1.0);
                let common: Vec<f32> = (0..d).map(|_| number()).collect();
                let mut weight = vec![0.0; d * num_classes];
                for (place, row) in weight.chunks_exact_mut(num_classes).enumerate() {
                    for (class, weight) in row.iter_mut().enumerate() {
                        let length = if class % 97 == 0 { 30.0 } else { 1.0 };
                        *weight = length * (common[place] + spread * number());
                    }
                }
                let bias: Vec<f32> = (0..num_classes).map(|_| spread * number()).collect();
                let mut input: Vec<f32> = (0..d * rows).map(|_| number()).collect();
                input[..d].fill(0.0);
                with_and_without(&weight, d, Some(&bias), &input);
                with_and_without(&weight, d, None, &input);
            }
        }
    }

    /// Numbers that cannot be rounded to integers, and classes that may not be chosen.
    #[test]
    fn what_is_not_finite() {
        for odd in [f32::NAN, f32::INFINITY, 1e30] {
            assert_eq!(
                with_and_without(&[odd, 1.0, 2.0], 1, None, &[0.5, 1.0]).len(),
                2
            );
            assert_eq!(
                with_and_without(&[1.0, 3.0, 2.0], 1, None, &[odd, 1.0])[1],
                1
            );
        }
        for instructions in [Some(Instructions::Scalar), Instructions::detect(), None] {
            let mut layer = Argmax::with(instructions, &[1.0, 3.0, 2.0], 1, None);
            layer.exclude(1);
            assert_eq!(layer.argmax(&[1.0, -1.0]), [2, 0]);
        }
    }
}
