//! All convolutions of a network, one after the other.
//!
//! The first layer is summed up as it is defined, the others by [`winograd`](super::winograd).
//! Layers follow each other over a whole batch, whose parts are spread over the cores; only the two
//! lowest groups, whose outputs are large and whose weights are few, are done picture by picture.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::activation::Activation;
use super::direct::Direct;
use super::grid::Grid;
use super::winograd::{Pool, Winograd};
use crate::error::Error;
use crate::layer::Depth;
use crate::picture::Picture;
use crate::preprocess::Normalised;
use crate::preprocess::Preprocess;
use crate::vgg::Vgg;

/// Convolutions that are done picture by picture: the two lowest groups.
const BY_PICTURE: usize = 4;
/// The grids of a batch hold up to so many numbers each, if a single picture's do; 64 MiB.
const BATCH_VALUES: usize = 1 << 24;

/// A network's convolutions, ready for this machine's vector instructions.
#[derive(Debug)]
pub(crate) struct CpuConvolutions {
    first: Direct,
    rest: Vec<Winograd>,
    depth: Depth,
    /// Channels of the last layer, fillers not counted.
    channels: usize,
    arch: Arch,
    /// Memory of finished batches, for the next ones.
    scratch: Mutex<Vec<Scratch>>,
    jobs: Pool,
}

/// What lies between the layers.
#[derive(Debug, Default)]
struct Scratch {
    /// A picture's grids, the first one its colours.
    picture: [Grid; 2],
    /// The batch's grids.
    batch: [Grid; 2],
}

/// Numbers in a vector of this machine.
fn lanes(arch: Arch) -> usize {
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

impl CpuConvolutions {
    /// Takes the convolutions that `depth` counts.
    pub(crate) fn new(network: &Vgg, depth: Depth) -> Result<Self, Error> {
        let arch = Arch::new();
        let lanes = lanes(arch);
        let read = |index: usize| {
            let layer = &network.convolutions()[index];
            let [outputs, ..] = layer.weight.dims();
            let weights = numbers(layer.weight.val())?;
            let bias = match &layer.bias {
                Some(bias) => numbers(bias.val())?,
                None => vec![0.0; outputs],
            };
            let activation = if depth.relu_after(index) {
                Activation::Relu
            } else {
                Activation::None
            };
            let block = if outputs > lanes { 2 * lanes } else { lanes };
            Ok((weights, bias, activation, block))
        };
        let (weights, bias, activation, block) = read(0)?;
        let first = Direct::new(&weights, &bias, activation, block);
        let (mut below, mut channels) = (first.channels_out(), bias.len());
        let mut rest = Vec::with_capacity(depth.convolutions - 1);
        for index in 1..depth.convolutions {
            let (weights, bias, activation, block) = read(index)?;
            let pooled = depth.pooled_after(index);
            let layer = Winograd::new(&weights, &bias, below, activation, pooled, block);
            (below, channels) = (layer.channels_out(), bias.len());
            rest.push(layer);
        }
        Ok(Self {
            first,
            rest,
            depth,
            channels,
            arch,
            scratch: Mutex::default(),
            jobs: Pool::default(),
        })
    }

    /// The last layer's output for each picture: rows of `channels` numbers for each location, and
    /// after them the next picture's.
    pub(crate) fn run(&self, pictures: &[Picture<'_>], preprocess: &Preprocess) -> Vec<f32> {
        let mut scratch = self.scratch().pop().unwrap_or_default();
        let side = preprocess.size() >> self.depth.halvings();
        let mut features = Vec::with_capacity(pictures.len() * side * side * self.channels);
        for pictures in pictures.chunks(self.batch(preprocess.size())) {
            self.run_batch(pictures, preprocess, &mut scratch, &mut features);
        }
        self.scratch().push(scratch);
        features
    }

    /// How many pictures of a side are done together.
    fn batch(&self, size: usize) -> usize {
        let (side, channels) = match self.rest.get(BY_PICTURE - 1) {
            Some(layer) => (size / 4, layer.channels_out()),
            None => (size, self.channels), // nothing but what comes out is kept of a batch
        };
        (BATCH_VALUES / (side * side * channels).max(1)).clamp(1, 16)
    }

    fn scratch(&self) -> MutexGuard<'_, Vec<Scratch>> {
        // A thread that panicked leaves nothing half done behind.
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_batch(
        &self,
        pictures: &[Picture<'_>],
        preprocess: &Preprocess,
        scratch: &mut Scratch,
        features: &mut Vec<f32>,
    ) {
        let size = preprocess.size();
        let normalised: Vec<_> = pictures
            .par_iter()
            .map(|picture| preprocess.normalised(picture))
            .collect();
        let by_picture = self.rest.len().min(BY_PICTURE - 1);
        let (lower, upper) = self.rest.split_at(by_picture);
        let [from, to] = &mut scratch.batch;
        for (number, picture) in normalised.iter().enumerate() {
            let [one, other] = &mut scratch.picture;
            fill(one, picture, size);
            self.first.run(one, other, self.arch);
            let last = self.layers(lower, other, one);
            if upper.is_empty() {
                self.append(last, features);
            } else {
                if number == 0 {
                    from.shape(pictures.len(), last.height, last.width, last.channels);
                }
                let plane = from.plane();
                from.values[number * plane..][..plane].copy_from_slice(&last.values);
            }
        }
        if !upper.is_empty() {
            let last = self.layers(upper, from, to);
            self.append(last, features);
        }
    }

    /// Runs layers one after the other and returns the last one's grid.
    fn layers<'a>(
        &self,
        layers: &[Winograd],
        mut from: &'a mut Grid,
        mut to: &'a mut Grid,
    ) -> &'a Grid {
        for layer in layers {
            layer.run(from, to, self.arch, &self.jobs);
            std::mem::swap(&mut from, &mut to);
        }
        from
    }

    /// Takes a grid's channels without the fillers.
    fn append(&self, grid: &Grid, features: &mut Vec<f32>) {
        for picture in 0..grid.pictures {
            for row in grid.rows(picture) {
                for location in row.chunks_exact(grid.channels) {
                    features.extend_from_slice(&location[..self.channels]);
                }
            }
        }
    }
}

/// Makes a picture a grid of three channels.
fn fill(grid: &mut Grid, picture: &Normalised<'_>, size: usize) {
    grid.shape(1, size, size, 3);
    let Normalised { rgb, table } = picture;
    let mut rows = grid.groups_mut(1);
    for (row, pixels) in rows.iter_mut().zip(rgb.chunks_exact(3 * size)) {
        let (row, _) = row[3..].as_chunks_mut::<3>();
        for (values, pixel) in row.iter_mut().zip(pixels.as_chunks::<3>().0) {
            for channel in 0..3 {
                values[channel] = table[channel][usize::from(pixel[channel])];
            }
        }
    }
}

fn numbers<const D: usize>(tensor: burn::tensor::Tensor<D>) -> Result<Vec<f32>, Error> {
    tensor.try_into_vec_as().map_err(Error::device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: usize) -> f32 {
        ((seed * 37 + seed / 7 * 11) % 23) as f32 / 8.0 - 1.3
    }

    /// Two pictures whose last channel means nothing.
    fn picture(inputs: usize, channels: usize, height: usize, width: usize) -> Grid {
        let mut grid = Grid::default();
        grid.shape(2, height, width, channels);
        for (y, row) in grid.groups_mut(1).into_iter().enumerate() {
            for (x, location) in row[channels..]
                .chunks_exact_mut(channels)
                .take(width)
                .enumerate()
            {
                for (channel, value) in location.iter_mut().enumerate().take(inputs) {
                    *value = number(y * 101 + x * 13 + channel);
                }
            }
        }
        grid
    }

    /// The definition, written out.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what it is compared with has no more digits"
    )]
    fn expected(
        grid: &Grid,
        weights: &[f32],
        bias: &[f32],
        picture: usize,
        y: usize,
        x: usize,
        output: usize,
    ) -> f32 {
        let inputs = weights.len() / bias.len() / 9;
        let corner = picture * grid.plane() + y * grid.stride() + x * grid.channels;
        let mut sum = f64::from(bias[output]);
        for input in 0..inputs {
            for tap in 0..9 {
                let place = corner + tap / 3 * grid.stride() + tap % 3 * grid.channels + input;
                let weight = weights[(output * inputs + input) * 9 + tap];
                sum += f64::from(grid.values[place]) * f64::from(weight);
            }
        }
        sum as f32
    }

    const SHAPES: [(usize, usize, usize, usize); 8] = [
        (3, 8, 3, 8),
        (2, 1, 1, 1),
        (5, 33, 4, 13),
        (8, 16, 2, 7),
        (16, 64, 3, 14),
        (7, 17, 9, 6),
        (32, 40, 14, 14),
        (20, 5, 5, 22),
    ];

    fn weights(inputs: usize, outputs: usize) -> (Vec<f32>, Vec<f32>) {
        let weights = (0..outputs * inputs * 9).map(number).collect();
        (weights, (0..outputs).map(|seed| number(seed + 5)).collect())
    }

    /// The vectors of this machine, those of AVX2 if it has them, and none.
    fn archs() -> Vec<Arch> {
        let mut archs = vec![Arch::new(), Arch::Scalar];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        archs.extend(pulp::x86::V3::try_new().map(Arch::V3));
        archs
    }

    #[test]
    fn direct_sums_are_those_of_the_definition() {
        archs().into_iter().for_each(direct_sums);
    }

    #[test]
    fn winograds_sums_are_those_of_the_definition() {
        archs().into_iter().for_each(winograds_sums);
    }

    /// Every shape of tile and of filling against the definition.
    fn direct_sums(arch: Arch) {
        for (inputs, outputs, height, width) in SHAPES {
            for block in [1, 2].map(|vectors| vectors * lanes(arch)) {
                let (weights, bias) = weights(inputs, outputs);
                let input = picture(inputs, inputs, height, width);
                let layer = Direct::new(&weights, &bias, Activation::Relu, block);
                let mut output = Grid::default();
                layer.run(&input, &mut output, arch);
                for number in 0..2 {
                    for (y, row) in output.rows(number).enumerate() {
                        for (place, found) in row.iter().enumerate() {
                            let (x, channel) = (place / output.channels, place % output.channels);
                            if channel < outputs {
                                let sum = expected(&input, &weights, &bias, number, y, x, channel);
                                assert!((found - sum.max(0.0)).abs() < 1e-3, "{found} {sum}");
                            }
                        }
                    }
                }
            }
        }
    }

    /// As above, and with the poolings; memory that an earlier layer has left does not matter.
    fn winograds_sums(arch: Arch) {
        let lanes = lanes(arch);
        for (inputs, outputs, height, width) in SHAPES {
            for (vectors, activation, pooled) in [
                (1, Activation::Relu, false),
                (2, Activation::None, false),
                (2, Activation::Relu, true),
            ] {
                let (weights, bias) = weights(inputs, outputs);
                let channels = inputs.next_multiple_of(lanes);
                let input = picture(inputs, channels, height, width);
                let block = vectors * lanes;
                let layer = Winograd::new(&weights, &bias, channels, activation, pooled, block);
                let mut output = Grid::default();
                output.values.resize(1 << 20, 7.0); // what an earlier layer has left
                layer.run(&input, &mut output, arch, &Pool::default());
                let step = if pooled { 2 } else { 1 };
                assert_eq!((output.height, output.width), (height / step, width / step));
                for number in 0..2 {
                    for (y, row) in output.rows(number).enumerate() {
                        for (place, found) in row.iter().enumerate() {
                            let (x, channel) = (place / output.channels, place % output.channels);
                            if channel >= outputs {
                                assert_eq!(*found, 0.0, "a filler");
                                continue;
                            }
                            let mut largest = activation.least();
                            for place in 0..step * step {
                                let (y, x) = (y * step + place / step, x * step + place % step);
                                let sum = expected(&input, &weights, &bias, number, y, x, channel);
                                largest = largest.max(sum);
                            }
                            assert!((found - largest).abs() < 2e-3, "{found} {largest}");
                        }
                    }
                }
                let written = |values: &[f32]| values.iter().filter(|value| **value != 0.0).count();
                let inside: usize = (0..2)
                    .flat_map(|number| output.rows(number))
                    .map(written)
                    .sum();
                assert_eq!(inside, written(&output.values), "the border is not zero");
            }
        }
    }
}
