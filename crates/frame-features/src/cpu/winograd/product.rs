//! Products of matrices, the inner loop of everything.

use pulp::Simd;

/// `sums[tile, output] = Σ inputs[tile, input] · weights[input, output]`, with `row_len` numbers
/// from tile to tile of the inputs and the weights in blocks of output channels.
#[inline(always)]
pub(super) fn multiply<S: Simd>(
    simd: S,
    inputs: &[f32],
    row_len: usize,
    weights: &[f32],
    channels_in: usize,
    block: usize,
    sums: &mut [f32],
) {
    if block == 2 * S::F32_LANES {
        blocks::<S, 2>(simd, inputs, row_len, weights, channels_in, sums);
    } else {
        blocks::<S, 1>(simd, inputs, row_len, weights, channels_in, sums);
    }
}

#[inline(always)]
fn blocks<S: Simd, const VECTORS: usize>(
    simd: S,
    inputs: &[f32],
    row_len: usize,
    weights: &[f32],
    channels_in: usize,
    sums: &mut [f32],
) {
    let block = VECTORS * S::F32_LANES;
    let tiles = inputs.len() / row_len;
    let channels_out = weights.len() / channels_in;
    for (number, weights) in weights.chunks_exact(channels_in * block).enumerate() {
        let weights = S::as_simd_f32s(weights).0.as_chunks::<VECTORS>().0;
        let mut tile = 0;
        while tile < tiles {
            let inputs = &inputs[tile * row_len..];
            let sums = &mut sums[tile * channels_out + number * block..];
            let part = Part {
                inputs,
                row_len,
                weights,
                sums,
                channels_out,
            };
            // The sums of a part stay in registers, of which AVX-512 has 32 and AVX2 16.
            tile += match (S::REGISTER_COUNT >= 32, tiles - tile) {
                (true, 14..) => part.sum::<14>(simd),
                (true, 8..) => part.sum::<8>(simd),
                (_, 6..) => part.sum::<6>(simd),
                (_, 4..) => part.sum::<4>(simd),
                (_, 2..) => part.sum::<2>(simd),
                _ => part.sum::<1>(simd),
            };
        }
    }
}

/// Some tiles and a block of output channels.
struct Part<'a, S: Simd, const VECTORS: usize> {
    inputs: &'a [f32],
    row_len: usize,
    weights: &'a [[S::f32s; VECTORS]],
    sums: &'a mut [f32],
    channels_out: usize,
}

impl<S: Simd, const VECTORS: usize> Part<'_, S, VECTORS> {
    /// Computes `TILES` and says how many they are.
    #[inline(always)]
    fn sum<const TILES: usize>(self, simd: S) -> usize {
        let channels_in = self.weights.len();
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; TILES];
        let mut rows = [&self.inputs[..channels_in]; TILES];
        for (number, row) in rows.iter_mut().enumerate() {
            *row = &self.inputs[number * self.row_len..][..channels_in];
        }
        for (input, weights) in self.weights.iter().enumerate() {
            for (sums, row) in sums.iter_mut().zip(&rows) {
                let value = simd.splat_f32s(row[input]);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = simd.mul_add_f32s(value, *weights, *sum);
                }
            }
        }
        for (number, sums) in sums.iter().enumerate() {
            let place = &mut self.sums[number * self.channels_out..][..VECTORS * S::F32_LANES];
            let place = S::as_mut_simd_f32s(place).0;
            for (place, sum) in place.iter_mut().zip(sums) {
                *place = *sum;
            }
        }
        TILES
    }
}
