//! All channels of a group with each other: a product of matrices.
//!
//! Some sums at a time: what the taps of all channels read for them is copied side by side (a
//! panel), and tiles of some output channels times the panel's vectors are summed up in registers,
//! as in Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008). A
//! tile's weights meet a few panels in turn while they are in the nearest cache, and the panels
//! stay in the next one.

use std::mem::take;

use pulp::{Simd, WithSimd};

use super::Bounds;
use super::geometry::Geometry;

/// Panels that are laid out at once.
const PANELS: usize = 4;
/// Taps of all channels whose products are summed up before the next ones: with these, the panels
/// of 16 sums take 288 KiB.
const TAPS: usize = 1152;

/// Output channels of a tile, by how many numbers a vector has. With vectors of 16 numbers come 32
/// registers, which hold the sums of eight channels by three vectors, two operands and one to
/// spare; sixteen hold those of six by two.
pub(super) const fn rows_of_tiles(lanes: usize) -> usize {
    if lanes >= 16 { 8 } else { 6 }
}

/// How many numbers a vector has here.
pub(super) struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// Weights `[outputs, taps of all inputs]` in the order in which they are read: by tile, tap and
/// output channel, filled up with zeros.
pub(super) fn in_tiles(weights: &[f32], outputs: usize, lanes: usize) -> Vec<f32> {
    let (rows, taps) = (rows_of_tiles(lanes), weights.len() / outputs);
    let mut ordered = vec![0.0; outputs.next_multiple_of(rows) * taps];
    for (output, weights) in weights.chunks_exact(taps).enumerate() {
        let tile = &mut ordered[output / rows * rows * taps..][..rows * taps];
        for (to, weight) in tile
            .iter_mut()
            .skip(output % rows)
            .step_by(rows)
            .zip(weights)
        {
            *to = *weight;
        }
    }
    ordered
}

/// A group of channels of one picture.
pub(super) struct Products<'a> {
    pub(super) geometry: &'a Geometry,
    /// The input channels, laid out.
    pub(super) planes: &'a [f32],
    /// Of one channel ([`Geometry::taps`]).
    pub(super) taps: &'a [usize],
    /// In tiles.
    pub(super) weights: &'a [f32],
    /// For each output channel.
    pub(super) bias: &'a [f32],
    pub(super) bounds: Bounds,
    pub(super) room: &'a mut Room,
    pub(super) output: &'a mut [f32],
}

/// Room for panels, and for sums of the first taps while others remain.
#[derive(Default)]
pub(super) struct Room {
    panels: Vec<f32>,
    sums: Vec<f32>,
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if rows_of_tiles(S::F32_LANES) == 8 {
            self.run::<S, 8, 3>(simd);
        } else {
            self.run::<S, 6, 2>(simd);
        }
    }
}

/// Some taps of all channels, in the order of the weights.
#[derive(Clone, Copy)]
struct Part {
    first: usize,
    number: usize,
    /// Of all.
    all: usize,
}

impl Products<'_> {
    #[inline(always)]
    pub(super) fn run<S: Simd, const ROWS: usize, const WIDE: usize>(&mut self, simd: S) {
        let sums = self.geometry.sums();
        let all = self.weights.len() / (self.tiles(ROWS) * ROWS);
        let wide = WIDE * S::F32_LANES;
        for start in (0..sums).step_by(PANELS * wide) {
            let number = (sums - start).min(PANELS * wide);
            for first in (0..all).step_by(TAPS) {
                let part = Part {
                    first,
                    number: (all - first).min(TAPS),
                    all,
                };
                self.lay_out_panels::<S, WIDE>(start, number, part);
                self.multiply::<S, ROWS, WIDE>(simd, start, number, part);
            }
        }
    }

    /// Tiles of output channels.
    fn tiles(&self, rows: usize) -> usize {
        self.bias.len().div_ceil(rows)
    }

    /// Copies what some taps read for sums `start..start + number` side by side, panel by panel.
    #[inline(always)]
    fn lay_out_panels<S: Simd, const WIDE: usize>(
        &mut self,
        start: usize,
        number: usize,
        part: Part,
    ) {
        let wide = WIDE * S::F32_LANES;
        let panels = &mut self.room.panels;
        panels.resize(PANELS * part.all.min(TAPS) * wide, 0.0);
        for (panel, place) in (0..number).step_by(wide).enumerate() {
            let within = (number - place).min(wide);
            let mut lines =
                panels[panel * part.number * wide..][..part.number * wide].chunks_exact_mut(wide);
            let (mut channel, mut tap) =
                (part.first / self.taps.len(), part.first % self.taps.len());
            for line in &mut lines {
                let plane = &self.planes[channel * self.geometry.plane()..];
                let values = &plane[self.taps[tap] + start + place..][..within];
                // A few vectors are copied sooner than a function for any number is called.
                let vectors = S::as_simd_f32s(values).0.as_chunks::<WIDE>().0;
                match (
                    S::as_mut_simd_f32s(line).0.as_chunks_mut::<WIDE>().0,
                    vectors,
                ) {
                    ([line], [values]) => *line = *values,
                    _ => line[..within].copy_from_slice(values),
                }
                tap += 1;
                if tap == self.taps.len() {
                    (channel, tap) = (channel + 1, 0);
                }
            }
        }
    }

    /// Adds the products of some taps for sums `start..start + number`; with the last taps, the
    /// sums become results.
    #[inline(always)]
    fn multiply<S: Simd, const ROWS: usize, const WIDE: usize>(
        &mut self,
        simd: S,
        start: usize,
        number: usize,
        part: Part,
    ) {
        let geometry = self.geometry;
        let (wide, size) = (WIDE * S::F32_LANES, geometry.output[0] * geometry.output[1]);
        let mut kept = take(&mut self.room.sums);
        if part.number < part.all {
            kept.resize(self.tiles(ROWS) * PANELS * ROWS * wide, 0.0);
        }
        let in_lines = geometry.width() == geometry.output[1];
        let is_last = part.first + part.number == part.all;
        let [least, most] = self.bounds.floats().map(|bound| simd.splat_f32s(bound));
        let tiles = self.weights.chunks_exact(ROWS * part.all);
        let outputs = self.output.chunks_mut(ROWS * size);
        let tiles = tiles.zip(outputs).zip(self.bias.chunks(ROWS));
        for (tile, ((weights, outputs), bias)) in tiles.enumerate() {
            let weights = weights.as_chunks::<ROWS>().0;
            let weights = &weights[part.first..][..part.number];
            for (panel, place) in (0..number).step_by(wide).enumerate() {
                let within = (number - place).min(wide);
                let values = &self.room.panels[panel * part.number * wide..][..part.number * wide];
                let values = S::as_simd_f32s(values).0.as_chunks::<WIDE>().0;
                // One vector of a panel that is not full costs a fraction of all.
                let mut sums = if within <= S::F32_LANES {
                    let firsts = sums_of_products::<S, ROWS, WIDE, 1>(simd, weights, values);
                    firsts.map(|[first]| {
                        let mut sums = [simd.splat_f32s(0.0); WIDE];
                        sums[0] = first;
                        sums
                    })
                } else {
                    sums_of_products::<S, ROWS, WIDE, WIDE>(simd, weights, values)
                };
                if part.number < part.all {
                    let kept = &mut kept[(tile * PANELS + panel) * ROWS * wide..][..ROWS * wide];
                    let kept = S::as_mut_simd_f32s(kept).0.as_chunks_mut::<WIDE>().0;
                    for (kept, sums) in kept.iter_mut().zip(&mut sums) {
                        for (kept, sum) in kept.iter_mut().zip(sums) {
                            if part.first > 0 {
                                *sum = simd.add_f32s(*sum, *kept);
                            }
                            *kept = *sum;
                        }
                    }
                }
                if !is_last {
                    continue;
                }
                let outputs = outputs.chunks_exact_mut(size);
                for ((sums, bias), output) in sums.iter().zip(bias).zip(outputs) {
                    let bias = simd.splat_f32s(*bias);
                    let results = sums.map(|sum| {
                        let sum = simd.add_f32s(sum, bias);
                        simd.min_f32s(most, simd.max_f32s(least, sum))
                    });
                    let first = start + place;
                    if in_lines && within == wide {
                        let output = S::as_mut_simd_f32s(&mut output[first..][..wide]).0;
                        output.as_chunks_mut::<WIDE>().0[0] = results;
                    } else {
                        let mut line = [0.0; 3 * 16];
                        S::as_mut_simd_f32s(&mut line).0.as_chunks_mut::<WIDE>().0[0] = results;
                        geometry.take_lines(&line[..within], first, output);
                    }
                }
            }
        }
        self.room.sums = kept;
    }
}

/// The first `N` vectors of each line of a panel times the weights of a tile, summed up over the
/// lines.
#[inline(always)]
fn sums_of_products<S: Simd, const ROWS: usize, const WIDE: usize, const N: usize>(
    simd: S,
    weights: &[[f32; ROWS]],
    values: &[[S::f32s; WIDE]],
) -> [[S::f32s; N]; ROWS] {
    let mut sums = [[simd.splat_f32s(0.0); N]; ROWS];
    for (weights, values) in weights.iter().zip(values) {
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = simd.splat_f32s(*weight);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_f32s(*value, weight, *sum);
            }
        }
    }
    sums
}
