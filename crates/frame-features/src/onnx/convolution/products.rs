//! All channels of a group with each other: a product of matrices.
//!
//! Some sums at a time: what all taps of all channels read for them is copied side by side (a
//! panel), and tiles of some output channels times the panel's vectors are summed up in registers,
//! as in Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008).

use pulp::{Simd, WithSimd};

use super::Bounds;
use super::geometry::Geometry;

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
    /// Room for a panel.
    pub(super) panel: &'a mut Vec<f32>,
    pub(super) output: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        if rows_of_tiles(S::F32_LANES) == 8 {
            self.panels::<S, 8, 3>(simd);
        } else {
            self.panels::<S, 6, 2>(simd);
        }
    }
}

impl Products<'_> {
    #[inline(always)]
    fn panels<S: Simd, const ROWS: usize, const WIDEST: usize>(&mut self, simd: S) {
        let sums = self.geometry.sums();
        let mut first = 0;
        while first < sums {
            // Of four vectors that remain, two and two: a tile of one has few sums to add to.
            first += match (sums - first).div_ceil(S::F32_LANES) {
                1 => self.panel::<S, ROWS, 1>(simd, first),
                2 | 4 => self.panel::<S, ROWS, 2>(simd, first),
                _ => self.panel::<S, ROWS, WIDEST>(simd, first),
            };
        }
    }

    /// Computes the sums from number `first` on, as many as `WIDE` vectors hold, and says how many.
    #[inline(always)]
    fn panel<S: Simd, const ROWS: usize, const WIDE: usize>(
        &mut self,
        simd: S,
        first: usize,
    ) -> usize {
        let geometry = self.geometry;
        let wide = WIDE * S::F32_LANES;
        let number = wide.min(geometry.sums() - first);
        let channels = self.planes.chunks_exact(geometry.plane());
        let rows = channels.len() * self.taps.len();
        self.panel.resize(rows * wide, 0.0);
        let mut lines = self.panel.chunks_exact_mut(wide);
        for channel in channels {
            for (tap, line) in self.taps.iter().zip(&mut lines) {
                let values = &channel[tap + first..][..number];
                // A few vectors are copied sooner than a function for any number is called.
                let vectors = S::as_simd_f32s(values).0.as_chunks::<WIDE>().0;
                match (
                    S::as_mut_simd_f32s(line).0.as_chunks_mut::<WIDE>().0,
                    vectors,
                ) {
                    ([line], [values]) => *line = *values,
                    _ => line[..number].copy_from_slice(values),
                }
            }
        }
        let panel = S::as_simd_f32s(self.panel).0.as_chunks::<WIDE>().0;
        let [least, most] = self.bounds.floats().map(|bound| simd.splat_f32s(bound));
        let size = geometry.output[0] * geometry.output[1];
        let in_lines = geometry.width() == geometry.output[1];
        let tiles = self.weights.chunks_exact(ROWS * rows);
        let outputs = self.output.chunks_mut(ROWS * size);
        for ((weights, outputs), bias) in tiles.zip(outputs).zip(self.bias.chunks(ROWS)) {
            let mut sums = [[simd.splat_f32s(0.0); WIDE]; ROWS];
            for (weights, values) in weights.as_chunks::<ROWS>().0.iter().zip(panel) {
                for (sums, weight) in sums.iter_mut().zip(weights) {
                    let weight = simd.splat_f32s(*weight);
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = simd.mul_add_f32s(*value, weight, *sum);
                    }
                }
            }
            for ((sums, bias), output) in sums.iter().zip(bias).zip(outputs.chunks_exact_mut(size))
            {
                let bias = simd.splat_f32s(*bias);
                let sums = sums.map(|sum| {
                    let sum = simd.add_f32s(sum, bias);
                    simd.min_f32s(simd.max_f32s(sum, least), most)
                });
                if in_lines && number == wide {
                    let output = S::as_mut_simd_f32s(&mut output[first..][..wide]).0;
                    output.as_chunks_mut::<WIDE>().0[0] = sums;
                } else {
                    let mut line = [0.0; 3 * 16];
                    S::as_mut_simd_f32s(&mut line).0.as_chunks_mut::<WIDE>().0[0] = sums;
                    geometry.take_lines(&line[..number], first, output);
                }
            }
        }
        number
    }
}
