//! Which classes can have the largest logit at all, by products of 8-bit integers, four times as
//! many of which are computed at a time.
//!
//! With weights `w` of a class and an input row `x`, and what they are rounded to, `ŵ` and `x̂`,
//! the logit `w·x` is off from `ŵ·x̂` by `|w − ŵ| |x| + |ŵ| |x − x̂|` at most (Cauchy and Schwarz),
//! and by what sums of 32-bit numbers are rounded by. A class whose logit is certainly below the
//! certain part of another one's is not the largest; the logits of the others are computed as ever.

use rayon::prelude::*;

use super::quantized::{Bounds, LANES, Panel, QuantizedLayer, QuantizedRows, panel_len};
#[cfg(any(test, not(target_arch = "x86_64")))]
use super::scalar;
#[cfg(target_arch = "x86_64")]
use super::vnni;
use crate::cpu::{lines::Lines, packed_linear::PANELS};

/// By what the products are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Instructions {
    /// AVX-512's instructions for neural networks.
    #[cfg(target_arch = "x86_64")]
    Vnni,
    /// Number by number: the same bounds to the last bit, on any processor. Slower than computing
    /// all logits, and there for tests.
    #[cfg(any(test, not(target_arch = "x86_64")))]
    #[cfg_attr(not(test), expect(dead_code, reason = "no screen gains without VNNI"))]
    Scalar,
}

impl Instructions {
    /// Those of this processor with which screening gains.
    pub(super) fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if vnni::is_available() {
            return Some(Self::Vnni);
        }
        None
    }
}

/// A linear layer in 8-bit integers.
#[derive(Debug)]
pub(super) struct Screen {
    instructions: Instructions,
    d: usize,
    layer: QuantizedLayer,
}

impl Screen {
    /// `weight` is `[d, num_classes]`, `bias` of whole panels. `None` if a number or the product is
    /// too large.
    pub(super) fn new(
        instructions: Instructions,
        weight: &[f32],
        d: usize,
        bias: &[f32],
    ) -> Option<Self> {
        let layer = QuantizedLayer::new(weight, d, bias)?;
        Some(Self {
            instructions,
            d,
            layer,
        })
    }

    /// Makes a class's logit `-inf`.
    pub(super) fn exclude(&mut self, class: usize) {
        self.layer.exclude(class);
    }

    /// For each panel of classes the rows, of those in `input`, `[rows, d]`, whose largest logit
    /// may be one of the panel's. `None` if a number is too large or most would have to be looked
    /// at.
    pub(super) fn candidates(&self, input: &[f32]) -> Option<Vec<Vec<usize>>> {
        let num_rows = input.len() / self.d;
        let rows = QuantizedRows::new(input, self.d)?;
        let filled = rows.rows.len();
        let num_panels = self.layer.panels.len();
        let (upper, lower) = self.bounds(&rows);
        let mut certain = vec![f32::NEG_INFINITY; filled];
        for lower in lower.chunks_exact(filled * LANES) {
            for (certain, lanes) in certain.iter_mut().zip(lower.as_chunks::<LANES>().0) {
                *certain = lanes.iter().copied().fold(*certain, f32::max);
            }
        }
        let candidates: Vec<Vec<usize>> = upper
            .chunks_exact(filled)
            .map(|upper| {
                (0..num_rows)
                    .filter(|&row| upper[row] >= certain[row])
                    .collect()
            })
            .collect();
        let number: usize = candidates.iter().map(Vec::len).sum();
        (number <= num_rows * num_panels / 4).then_some(candidates)
    }

    /// Upper bounds, `[panel][row]`, and lower ones, `[block of panels][row][LANES]`.
    fn bounds(&self, rows: &QuantizedRows) -> (Vec<f32>, Lines) {
        let (filled, num_panels) = (rows.rows.len(), self.layer.panels.len());
        let mut upper = vec![0.0; num_panels * filled];
        let mut lower = Lines::zeros(num_panels.div_ceil(PANELS) * filled * LANES);
        lower.fill(f32::NEG_INFINITY);
        let panel_len = panel_len(self.d);
        upper
            .par_chunks_mut(PANELS * filled)
            .zip(lower.par_chunks_mut(filled * LANES))
            .zip(self.layer.weights.par_chunks(PANELS * panel_len))
            .zip(self.layer.panels.par_chunks(PANELS))
            .for_each(|(((upper, lower), weights), panels)| {
                for ((upper, weights), panel) in upper
                    .chunks_exact_mut(filled)
                    .zip(weights.chunks_exact(panel_len))
                    .zip(panels)
                {
                    self.compute(weights, panel, rows, Bounds { upper, lower });
                }
            });
        (upper, lower)
    }

    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "instructions that not every processor has")
    )]
    fn compute(&self, weights: &[i8], panel: &Panel, rows: &QuantizedRows, mut to: Bounds<'_>) {
        match self.instructions {
            // SAFETY: `detect` gives this value only where the instructions are.
            #[cfg(target_arch = "x86_64")]
            Instructions::Vnni => unsafe { vnni::bounds(weights, panel, rows, &mut to) },
            #[cfg(any(test, not(target_arch = "x86_64")))]
            Instructions::Scalar => scalar::bounds(weights, panel, rows, &mut to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::product::PANEL;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn screens(weight: &[f32], d: usize, bias: &[f32]) -> Vec<Screen> {
        [Some(Instructions::Scalar), Instructions::detect()]
            .into_iter()
            .flatten()
            .map(|instructions| Screen::new(instructions, weight, d, bias).unwrap())
            .collect()
    }

    /// Every logit, in double precision, lies within the bounds of its panel, and this processor's
    /// instructions give the scalar bounds to the last bit.
    #[test]
    fn logits_are_within_the_bounds() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for (d, num_classes, num_rows) in [(1, 3, 1), (7, 130, 13), (130, 700usize, 20)] {
            let mut number = || random.random_range(-1.0f32..1.0);
            let weight: Vec<f32> = (0..d * num_classes).map(|_| number()).collect();
            let input: Vec<f32> = (0..d * num_rows).map(|_| number()).collect();
            let mut bias = vec![-1e30; num_classes.next_multiple_of(PANEL)];
            bias[..num_classes].fill_with(number);
            let rows = QuantizedRows::new(&input, d).unwrap();
            let screens = screens(&weight, d, &bias);
            let (upper, lower) = screens[0].bounds(&rows);
            let filled = rows.rows.len();
            for row in 0..num_rows {
                let logit = |class: usize| {
                    let product = |i: usize| {
                        f64::from(input[row * d + i]) * f64::from(weight[i * num_classes + class])
                    };
                    (0..d).map(product).sum::<f64>() + f64::from(bias[class])
                };
                for block in (0..num_classes).step_by(PANELS * PANEL) {
                    let mut largest_of_block = f64::NEG_INFINITY;
                    let end = num_classes.min(block + PANELS * PANEL);
                    for panel in (block..end).step_by(PANEL) {
                        let classes = panel..end.min(panel + PANEL);
                        let largest = classes.map(logit).fold(f64::NEG_INFINITY, f64::max);
                        assert!(largest <= f64::from(upper[panel / PANEL * filled + row]));
                        largest_of_block = largest_of_block.max(largest);
                    }
                    let lower = &lower[(block / PANELS / PANEL * filled + row) * LANES..][..LANES];
                    assert!(
                        lower
                            .iter()
                            .all(|&lower| f64::from(lower) <= largest_of_block)
                    );
                }
            }
            for screen in &screens[1..] {
                let (fast_upper, fast_lower) = screen.bounds(&rows);
                assert_eq!((&fast_upper, &fast_lower[..]), (&upper, &lower[..]));
            }
        }
    }

    /// Few candidates are left of layers as they are learnt.
    #[test]
    fn most_classes_are_screened_out() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let (d, num_classes, rows) = (256, 3000usize, 24);
        let mut number = || random.random_range(-1.0f32..1.0);
        let weight: Vec<f32> = (0..d * num_classes).map(|_| number()).collect();
        let input: Vec<f32> = (0..d * rows).map(|_| number()).collect();
        let mut bias = vec![-1e30; num_classes.next_multiple_of(PANEL)];
        bias[..num_classes].fill(0.0);
        for screen in screens(&weight, d, &bias) {
            let candidates = screen.candidates(&input).expect("the numbers are small");
            let number: usize = candidates.iter().map(Vec::len).sum();
            assert!(
                (rows..rows * 10).contains(&number),
                "{number} of {}",
                47 * rows
            );
        }
    }
}
