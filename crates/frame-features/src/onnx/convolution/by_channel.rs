//! Each channel with a kernel of its own.

use pulp::{Simd, WithSimd};

use super::Bounds;
use super::geometry::Geometry;

/// Sums that are kept at once, at most: vectors enough to keep the units that add products busy.
const BLOCK: usize = 64;

/// A channel laid out, and its sums.
pub(super) struct Scratch {
    taps: Vec<usize>,
    plane: Vec<f32>,
    sums: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(geometry: &Geometry) -> Self {
        let sums = geometry.sums().next_multiple_of(BLOCK);
        Self {
            taps: geometry.taps(),
            // The last block reads beyond the plane.
            plane: vec![0.0; geometry.plane() + BLOCK],
            sums: vec![0.0; sums],
        }
    }
}

/// One channel.
pub(super) struct ByChannel<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) scratch: &'a mut Scratch,
    pub(super) picture: &'a [f32],
    pub(super) kernel: &'a [f32],
    pub(super) bias: f32,
    pub(super) bounds: Bounds,
    pub(super) output: &'a mut [f32],
}

impl WithSimd for ByChannel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::F32_LANES * 4 == BLOCK {
            self.run::<S, 4>(simd);
        } else {
            self.run::<S, 8>(simd);
        }
    }
}

impl ByChannel<'_> {
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize>(self, simd: S) {
        let Scratch { taps, plane, sums } = self.scratch;
        self.geometry.lay_out(self.picture, plane);
        let bias = simd.splat_f32s(self.bias);
        let [least, most] = self.bounds.floats().map(|bound| simd.splat_f32s(bound));
        let block = VECTORS * S::F32_LANES;
        for (number, sums) in sums.chunks_exact_mut(block).enumerate() {
            let mut totals = [bias; VECTORS];
            for (tap, weight) in taps.iter().zip(self.kernel) {
                let weight = simd.splat_f32s(*weight);
                let values = S::as_simd_f32s(&plane[tap + number * block..][..block]).0;
                let values = &values.as_chunks::<VECTORS>().0[0];
                for (total, value) in totals.iter_mut().zip(values) {
                    *total = simd.mul_add_f32s(*value, weight, *total);
                }
            }
            // In this order a sum that is no number stays one, as far as the processor lets it.
            for (to, total) in S::as_mut_simd_f32s(sums).0.iter_mut().zip(totals) {
                *to = simd.min_f32s(most, simd.max_f32s(least, total));
            }
        }
        let sums = &sums[..self.geometry.sums()];
        self.geometry.take_lines(sums, 0, self.output);
    }
}
