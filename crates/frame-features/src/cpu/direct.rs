//! A 3x3 convolution as it is defined, for the first layer: of three channels there is nothing to
//! save by transforming them.
//!
//! A tile of a few neighbouring locations times one or two vectors of output channels is summed up
//! in registers: for each of the 3 x 3 x `channels_in` inputs one weight vector is loaded and each
//! location's input is multiplied with it. Nothing is copied together first, and the weights lie in
//! the order in which they are read.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::activation::Activation;
use super::grid::Grid;

/// Rows that are computed together.
const ROWS: usize = 8;

/// The weights of a convolution in the order in which they are needed.
#[derive(Debug)]
pub(super) struct Direct {
    /// Input channels.
    channels_in: usize,
    /// Output channels, filled up to whole blocks.
    channels_out: usize,
    /// Output channels that are computed together: one or two vectors.
    block: usize,
    /// By block, then row of the kernel, then its column, then input channel, then the block's
    /// output channels.
    weights: Vec<f32>,
    bias: Vec<f32>,
    activation: Activation,
}

impl Direct {
    /// Orders weights that come as `[outputs, inputs, 3, 3]`; output channels are filled up to
    /// whole blocks.
    pub(super) fn new(weights: &[f32], bias: &[f32], activation: Activation, block: usize) -> Self {
        let outputs = bias.len();
        let channels_in = weights.len() / (outputs * 9);
        let channels_out = outputs.next_multiple_of(block);
        let mut ordered = vec![0.0; channels_out * 9 * channels_in];
        for (output, kernels) in weights.chunks_exact(channels_in * 9).enumerate() {
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
            activation,
        }
    }

    /// Output channels with their fillers.
    pub(super) fn channels_out(&self) -> usize {
        self.channels_out
    }

    /// Convolves with padding 1 and stride 1, and adds the bias.
    pub(super) fn run(&self, input: &Grid, output: &mut Grid, arch: Arch) {
        assert_eq!(input.channels, self.channels_in, "grids fit their layers");
        output.shape(input.pictures, input.height, input.width, self.channels_out);
        let stride = output.stride();
        let groups = input.height.div_ceil(ROWS);
        let output: Vec<_> = output.groups_mut(ROWS);
        output
            .into_par_iter()
            .enumerate()
            .for_each(|(group, rows)| {
                let first = group / groups * input.plane() + group % groups * ROWS * input.stride();
                arch.dispatch(Run {
                    layer: self,
                    input: &input.values[first..],
                    width: input.width,
                    stride_in: input.stride(),
                    stride_out: stride,
                    output: rows,
                });
            });
    }
}

/// Some rows.
struct Run<'a> {
    layer: &'a Direct,
    /// From the row above the first one on.
    input: &'a [f32],
    width: usize,
    stride_in: usize,
    stride_out: usize,
    output: &'a mut [f32],
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
    /// All locations for each block of `VECTORS` vectors of channels in turn.
    #[inline(always)]
    fn blocks<S: Simd, const VECTORS: usize>(mut self, simd: S) {
        let layer = self.layer;
        let block = layer.block;
        let weights = layer.weights.chunks_exact(block * 9 * layer.channels_in);
        for (number, weights) in weights.enumerate() {
            let bias = &layer.bias[number * block..][..block];
            for y in 0..self.output.len() / self.stride_out {
                let mut x = 0;
                while x < self.width {
                    let width = self.width;
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
                    x += match (VECTORS, width - x) {
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
        let layer = self.run.layer;
        let channels = layer.channels_in;
        let taps = 3 * channels; // one row of the kernel: these lie side by side in the grid
        let bias = S::as_simd_f32s(self.bias).0.as_chunks::<VECTORS>().0[0];
        let mut sums = [bias; LOCATIONS];
        for (row, weights) in self
            .weights
            .chunks_exact(taps * VECTORS * S::F32_LANES)
            .enumerate()
        {
            let start = (self.y + row) * self.run.stride_in + self.x * channels;
            let values = &self.run.input[start..][..(LOCATIONS - 1) * channels + taps];
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
        let least = simd.splat_f32s(layer.activation.least());
        let start =
            self.y * self.run.stride_out + (self.x + 1) * layer.channels_out + self.first_channel;
        for (location, sums) in sums.iter().enumerate() {
            let place = start + location * layer.channels_out;
            let place = &mut self.run.output[place..][..VECTORS * S::F32_LANES];
            let vectors = S::as_mut_simd_f32s(place).0;
            for (vector, sum) in vectors.iter_mut().zip(sums) {
                *vector = simd.max_f32s(*sum, least);
            }
        }
        LOCATIONS
    }
}
