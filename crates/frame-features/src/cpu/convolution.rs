//! A 3x3 convolution with its ReLU, by vector instructions.
//!
//! A tile of a few neighbouring locations times one or two vectors of output channels is summed up
//! in registers: for each of the 3 x 3 x `channels_in` inputs one weight vector is loaded and each
//! location's input is multiplied with it. Nothing is copied together first, and the weights lie in
//! the order in which they are read.

use pulp::{Arch, Simd, WithSimd};

use super::grid::Grid;

/// The weights of a convolution in the order in which they are needed.
#[derive(Debug)]
pub(super) struct Convolution {
    /// Input channels as they lie in the grid below, fillers included.
    channels_in: usize,
    /// Output channels, filled up to whole blocks.
    pub(super) channels_out: usize,
    /// Output channels that are computed together: one or two vectors.
    block: usize,
    /// By block, then row of the kernel, then its column, then input channel, then the block's
    /// output channels.
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// Whether the ReLU follows.
    pub(super) relu: bool,
}

/// Numbers in a vector of this machine.
pub(super) fn lanes(arch: Arch) -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    arch.dispatch(Lanes)
}

impl Convolution {
    /// Orders weights that come as `[outputs, inputs, 3, 3]`, for a grid with `channels_in` channels
    /// of which the first `inputs` mean something.
    pub(super) fn new(
        weights: &[f32],
        bias: &[f32],
        inputs: usize,
        channels_in: usize,
        lanes: usize,
    ) -> Self {
        let outputs = bias.len();
        let block = if outputs > lanes { 2 * lanes } else { lanes };
        let channels_out = outputs.next_multiple_of(block);
        let mut ordered = vec![0.0; channels_out * 9 * channels_in];
        for (output, kernels) in weights.chunks_exact(inputs * 9).enumerate() {
            let (number, within) = (output / block, output % block);
            for (input, kernel) in kernels.chunks_exact(9).enumerate() {
                for (place, weight) in kernel.iter().enumerate() {
                    let before = (number * 9 + place) * channels_in + input;
                    ordered[before * block + within] = *weight;
                }
            }
        }
        let mut filled = bias.to_vec();
        filled.resize(channels_out, 0.0);
        Self {
            channels_in,
            channels_out,
            block,
            weights: ordered,
            bias: filled,
            relu: true,
        }
    }

    /// Convolves with padding 1 and stride 1, adds the bias and takes the ReLU.
    pub(super) fn run(&self, input: &Grid, output: &mut Grid, arch: Arch) {
        assert_eq!(input.channels, self.channels_in, "grids fit their layers");
        output.shape(input.height, input.width, self.channels_out);
        arch.dispatch(Run {
            layer: self,
            input,
            output,
        });
    }
}

struct Run<'a> {
    layer: &'a Convolution,
    input: &'a Grid,
    output: &'a mut Grid,
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if self.layer.block == 2 * S::F32_LANES {
            self.blocks::<S, 2>(simd);
        } else {
            self.blocks::<S, 1>(simd);
        }
    }
}

impl Run<'_> {
    /// All locations for each block of `VECTORS` vectors of channels in turn, so that a block's
    /// weights stay in the cache.
    #[inline(always)]
    fn blocks<S: Simd, const VECTORS: usize>(mut self, simd: S) {
        let layer = self.layer;
        let block = layer.block;
        let weights = layer.weights.chunks_exact(block * 9 * layer.channels_in);
        for (number, weights) in weights.enumerate() {
            let bias = &layer.bias[number * block..][..block];
            for y in 0..self.input.height {
                let mut x = 0;
                while x < self.input.width {
                    let mut tile = Tile {
                        run: &mut self,
                        weights,
                        bias,
                        first_channel: number * block,
                        y,
                        x,
                    };
                    // Eight sums at least keep the multipliers busy; sixteen registers hold
                    // twelve. 14, 28 … 224 locations split up without a rest.
                    x += match (VECTORS, tile.run.input.width - x) {
                        (1, 8..) => tile.sum::<S, 8, VECTORS>(simd),
                        (2, 6 | 9..) => tile.sum::<S, 6, VECTORS>(simd),
                        (_, 4..) => tile.sum::<S, 4, VECTORS>(simd),
                        (_, 2..) => tile.sum::<S, 2, VECTORS>(simd),
                        _ => tile.sum::<S, 1, VECTORS>(simd),
                    };
                }
            }
        }
    }
}

struct Tile<'a, 'b> {
    run: &'a mut Run<'b>,
    weights: &'a [f32],
    bias: &'a [f32],
    first_channel: usize,
    y: usize,
    x: usize,
}

impl Tile<'_, '_> {
    /// Computes `LOCATIONS` neighbours of a row and says how many they are.
    #[inline(always)]
    fn sum<S: Simd, const LOCATIONS: usize, const VECTORS: usize>(&mut self, simd: S) -> usize {
        let input = self.run.input;
        let channels = input.channels;
        let taps = 3 * channels; // one row of the kernel: these lie side by side in the grid
        let bias = S::as_simd_f32s(self.bias).0.as_chunks::<VECTORS>().0[0];
        let mut sums = [bias; LOCATIONS];
        for (row, weights) in self
            .weights
            .chunks_exact(taps * VECTORS * S::F32_LANES)
            .enumerate()
        {
            let start = (self.y + row) * input.stride() + self.x * channels;
            let values = &input.values[start..][..(LOCATIONS - 1) * channels + taps];
            let mut locations = [&values[..taps]; LOCATIONS];
            for (number, location) in locations.iter_mut().enumerate() {
                *location = &values[number * channels..][..taps];
            }
            let weights = &S::as_simd_f32s(weights).0.as_chunks::<VECTORS>().0[..taps];
            for tap in 0..taps {
                let weights = weights[tap];
                for (sums, location) in sums.iter_mut().zip(&locations) {
                    let value = simd.splat_f32s(location[tap]);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = simd.mul_add_f32s(value, weights, *sum);
                    }
                }
            }
        }
        let least = simd.splat_f32s(if self.run.layer.relu {
            0.0
        } else {
            f32::NEG_INFINITY
        });
        let output = &mut *self.run.output;
        let start =
            (self.y + 1) * output.stride() + (self.x + 1) * output.channels + self.first_channel;
        for (location, sums) in sums.iter().enumerate() {
            let place = start + location * output.channels;
            let place = &mut output.values[place..][..VECTORS * S::F32_LANES];
            let vectors = S::as_mut_simd_f32s(place).0;
            for (vector, sum) in vectors.iter_mut().zip(sums) {
                *vector = simd.max_f32s(*sum, least);
            }
        }
        LOCATIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every shape of tile and of filling against the sum written out.
    #[test]
    fn sums_are_those_of_the_definition() {
        let arch = Arch::new();
        let number = |seed: usize| ((seed * 37 + seed / 7 * 11) % 23) as f32 / 8.0 - 1.3;
        for (inputs, outputs, height, width) in [
            (3, 8, 3, 8),
            (2, 1, 1, 1),
            (5, 33, 4, 13),
            (8, 16, 2, 7),
            (16, 64, 3, 14),
        ] {
            let weights: Vec<f32> = (0..outputs * inputs * 9).map(number).collect();
            let bias: Vec<f32> = (0..outputs).map(|seed| number(seed + 5)).collect();
            let mut input = Grid::default();
            input.shape(height, width, inputs + 1); // one channel means nothing
            for (y, row) in input.rows_mut().enumerate() {
                for (place, value) in row.iter_mut().enumerate() {
                    *value = number(y * 101 + place);
                }
            }
            let layer = Convolution::new(&weights, &bias, inputs, inputs + 1, lanes(arch));
            let mut output = Grid::default();
            layer.run(&input, &mut output, arch);
            let at = |y: usize, x: usize, channel: usize| {
                input.values[y * input.stride() + x * input.channels + channel]
            };
            for (y, row) in output.rows().enumerate() {
                for (x, found) in row.chunks_exact(layer.channels_out).enumerate() {
                    for (channel, found) in found.iter().enumerate().take(outputs) {
                        let mut sum = bias[channel];
                        for input in 0..inputs {
                            for place in 0..9 {
                                sum += at(y + place / 3, x + place % 3, input)
                                    * weights[(channel * inputs + input) * 9 + place];
                            }
                        }
                        let expected = sum.max(0.0);
                        assert!((found - expected).abs() < 1e-3, "{found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn pooling_takes_the_largest_of_four_and_drops_the_rest() {
        let mut grid = Grid::default();
        grid.shape(3, 5, 1);
        for (y, row) in grid.rows_mut().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                *value = (y * 5 + x) as f32;
            }
        }
        let mut half = Grid::default();
        grid.pool_into(&mut half, Arch::new());
        assert_eq!(half.rows().collect::<Vec<_>>(), [[6.0, 8.0]]);
        assert_eq!(half.values.len(), 3 * 4); // with its border
        assert_eq!(half.values.iter().sum::<f32>(), 14.0);
    }
}
