//! A 3x3 convolution with a quarter of the multiplications: Lavin and Gray, "Fast Algorithms for
//! Convolutional Neural Networks" (2016), F(4x4, 3x3).
//!
//! Tiles of 4x4 outputs depend on 6x6 inputs. Both those and the kernels are transformed to 36
//! numbers, of which each pair is multiplied once and summed over the input channels; the sums are
//! transformed back to 4x4 outputs. For each of the 36 places the sums of many tiles are a product
//! of matrices, `[tiles, inputs]` by `[inputs, outputs]`, which is where nearly all of the time
//! goes. 36 products make 16 outputs, where the definition takes 144.
//!
//! A job is a few rows of tiles: it transforms its inputs, multiplies and transforms back, in
//! memory of its own that stays in the cache. Jobs are spread over the cores.

mod product;
mod tile;
mod transform;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::activation::Activation;
use super::grid::{Grid, TILE};
use tile::PLACES;

/// Numbers between the rows of transformed inputs, so that rows a power of two long do not all fall
/// into the same lines of the cache.
const GAP: usize = 16;
/// Transformed inputs and sums of a job take about so many numbers, which is what the second cache
/// of a core holds ...
const JOB_VALUES: usize = 1 << 18;
/// ... but a job has at least so many tiles, as the transformed weights are read once a job.
const JOB_TILES: usize = 98;

/// A layer with transformed weights.
#[derive(Debug)]
pub(super) struct Winograd {
    channels_in: usize,
    channels_out: usize,
    /// Output channels that are computed together: one or two vectors.
    block: usize,
    /// By place, then block of output channels, then input channel, then the block's channels.
    weights: Vec<f32>,
    bias: Vec<f32>,
    activation: Activation,
    /// Whether the maxima of 2x2 are what comes out.
    pooled: bool,
}

/// Memory of finished jobs, for the next ones of whatever layer.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Scratch>>);

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Vec<Scratch>> {
        // A thread that panicked leaves nothing half done behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory of a job.
#[derive(Debug, Default)]
struct Scratch {
    /// By place, then tile, then input channel, with gaps.
    inputs: Vec<f32>,
    /// By place, then tile, then output channel.
    sums: Vec<f32>,
}

impl Winograd {
    /// Transforms weights that come as `[outputs, inputs, 3, 3]`, for a grid with `channels_in`
    /// channels, of which those past `inputs` mean nothing.
    pub(super) fn new(
        weights: &[f32],
        bias: &[f32],
        channels_in: usize,
        activation: Activation,
        pooled: bool,
        block: usize,
    ) -> Self {
        let outputs = bias.len();
        let inputs = weights.len() / (outputs * 9);
        let channels_out = outputs.next_multiple_of(block);
        let mut ordered = vec![0.0; PLACES * channels_out * channels_in];
        let blocks = channels_out / block;
        for (output, kernels) in weights.chunks_exact(inputs * 9).enumerate() {
            let (number, within) = (output / block, output % block);
            for (input, kernel) in kernels.as_chunks::<9>().0.iter().enumerate() {
                for (place, value) in transform::kernel(kernel).into_iter().enumerate() {
                    let before = (place * blocks + number) * channels_in + input;
                    ordered[before * block + within] = value;
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
            pooled,
        }
    }

    /// Output channels with their fillers.
    pub(super) fn channels_out(&self) -> usize {
        self.channels_out
    }

    /// Convolves with padding 1 and stride 1, adds the bias and pools if that is asked for.
    pub(super) fn run(&self, input: &Grid, output: &mut Grid, arch: Arch, pool: &Pool) {
        assert_eq!(input.channels, self.channels_in, "grids fit their layers");
        let halve = if self.pooled { 2 } else { 1 };
        let (height, width) = (input.height / halve, input.width / halve);
        output.shape(input.pictures, height, width, self.channels_out);
        let stride = output.stride();
        let tile_out = TILE / halve;
        let across = width.div_ceil(tile_out);
        let down = height.div_ceil(tile_out);
        let mut groups = output.groups_mut(tile_out);
        let rows = self.rows_of_a_job(groups.len(), across);
        groups
            .par_chunks_mut(rows)
            .enumerate()
            .for_each(|(number, output)| {
                let mut scratch = pool.lock().pop().unwrap_or_default();
                arch.dispatch(Job {
                    layer: self,
                    input,
                    first: number * rows,
                    across,
                    down,
                    width,
                    stride,
                    output,
                    scratch: &mut scratch,
                });
                pool.lock().push(scratch);
            });
    }

    /// How many rows of tiles make a job, of `rows` with `across` tiles each.
    fn rows_of_a_job(&self, rows: usize, across: usize) -> usize {
        let tile = PLACES * (self.channels_in + self.channels_out);
        let tiles = (JOB_VALUES / tile).max(JOB_TILES);
        let jobs = (rows * across).div_ceil(tiles).max(1);
        let threads = rayon::current_num_threads();
        rows.div_ceil(jobs.next_multiple_of(threads)).max(1)
    }
}

/// Some rows of tiles.
struct Job<'a, 'b> {
    layer: &'a Winograd,
    input: &'a Grid,
    /// Number of the first row of tiles over all pictures.
    first: usize,
    /// Tiles in a row.
    across: usize,
    /// Rows of tiles in a picture.
    down: usize,
    /// Locations in a row of the output.
    width: usize,
    /// Numbers from one row of the output to the next.
    stride: usize,
    /// For each row of tiles its rows of the output.
    output: &'a mut [&'b mut [f32]],
    scratch: &'a mut Scratch,
}

impl WithSimd for Job<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let layer = self.layer;
        let tiles = self.output.len() * self.across;
        let row_len = layer.channels_in + GAP;
        let Scratch { inputs, sums } = self.scratch;
        let inputs = at_least(inputs, PLACES * tiles * row_len);
        let sums = at_least(sums, PLACES * tiles * layer.channels_out);
        for row in 0..self.output.len() {
            let (picture, y) = (
                (self.first + row) / self.down,
                (self.first + row) % self.down,
            );
            let start = picture * self.input.plane() + y * TILE * self.input.stride();
            for x in 0..self.across {
                let corner = start + x * TILE * layer.channels_in;
                let corner = &self.input.values[corner..];
                let (stride, channels) = (self.input.stride(), layer.channels_in);
                let tile = &mut inputs[(row * self.across + x) * row_len..];
                transform::input(simd, corner, stride, channels, tile, tiles * row_len);
            }
        }
        let weights = layer
            .weights
            .chunks_exact(layer.channels_in * layer.channels_out);
        for ((inputs, sums), weights) in inputs
            .chunks_exact(tiles * row_len)
            .zip(sums.chunks_exact_mut(tiles * layer.channels_out))
            .zip(weights)
        {
            product::multiply(
                simd,
                inputs,
                row_len,
                weights,
                layer.channels_in,
                layer.block,
                sums,
            );
        }
        let back = transform::Back {
            bias: &layer.bias,
            least: layer.activation.least(),
            pooled: layer.pooled,
            tiles,
        };
        for (row, output) in self.output.iter_mut().enumerate() {
            for x in 0..self.across {
                let tile = &sums[(row * self.across + x) * layer.channels_out..];
                back.output(simd, tile, output, self.stride, x, self.width);
            }
        }
    }
}

/// The first `len` numbers, of more if there are too few. What they are is left to be written.
fn at_least(numbers: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if numbers.len() < len {
        numbers.resize(len, 0.0);
    }
    &mut numbers[..len]
}
