//! The sums of a convolution.
//!
//! For eight output channels and a few vectors of locations at a time sums are kept in registers,
//! while inputs and the nine places of the kernel follow each other; each vector of inputs that is
//! read serves all eight. Strips of a picture's rows, which a core's cache holds, are done for all
//! output channels.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::padded::{BLOCK, Shape};

/// Output channels that are summed up together.
const OUTPUTS: usize = 8;
/// Vectors of locations that are, where there are 32 registers, and where there are fewer.
const VECTORS: [usize; 2] = [3, 1];
/// Locations of a strip, about.
const STRIP: usize = 1 << 10;

/// Convolves pictures `[batch, channels, height, width]` with kernels `[outputs, channels, 3, 3]`.
pub(super) fn convolve(x: &[f32], shape: Shape, weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let outputs = weight.len() / (shape.channels * 9);
    let weight = ordered(weight, shape.channels);
    let mut bias = bias.map_or_else(|| vec![0.0; outputs], <[f32]>::to_vec);
    bias.resize(outputs.next_multiple_of(OUTPUTS), 0.0);
    let plane = shape.height * shape.width;
    let mut output = vec![0.0; x.len() / shape.channels * outputs];
    let arch = Arch::new();
    output
        .par_chunks_mut(outputs * plane)
        .zip(x.par_chunks(shape.picture()))
        .for_each_init(
            || vec![0.0; shape.channels * shape.plane()],
            |planes, (output, picture)| {
                shape.pad(picture, planes);
                arch.dispatch(Sum {
                    input: Input { planes, shape },
                    weight: &weight,
                    bias: &bias,
                    output,
                });
            },
        );
    output
}

/// By eight outputs, then input, then place in the kernel: the eight outputs' weights; zeros fill
/// up.
fn ordered(weight: &[f32], channels: usize) -> Vec<[f32; OUTPUTS]> {
    let kernels = weight.as_chunks::<9>().0;
    let outputs = kernels.len() / channels;
    let mut ordered = vec![[0.0; OUTPUTS]; outputs.div_ceil(OUTPUTS) * channels * 9];
    for (number, kernel) in kernels.iter().enumerate() {
        let (output, input) = (number / channels, number % channels);
        let first = (output / OUTPUTS * channels + input) * 9;
        for (to, weight) in ordered[first..first + 9].iter_mut().zip(kernel) {
            to[output % OUTPUTS] = *weight;
        }
    }
    ordered
}

/// A picture with its border.
#[derive(Clone, Copy)]
struct Input<'a> {
    planes: &'a [f32],
    shape: Shape,
}

/// What a picture becomes.
struct Sum<'a> {
    input: Input<'a>,
    weight: &'a [[f32; OUTPUTS]],
    bias: &'a [f32],
    /// `[outputs, height, width]`.
    output: &'a mut [f32],
}

impl WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 {
            self.strips::<S, { VECTORS[0] }>(simd);
        } else {
            self.strips::<S, { VECTORS[1] }>(simd);
        }
    }
}

impl Sum<'_> {
    #[inline(always)]
    fn strips<S: Simd, const V: usize>(self, simd: S) {
        let Shape {
            channels,
            height,
            width,
        } = self.input.shape;
        let row = self.input.shape.row();
        let rows = (STRIP / row).clamp(1, height);
        let mut sums = vec![0.0; OUTPUTS * (rows * row).next_multiple_of(BLOCK)];
        for first_row in (0..height).step_by(rows) {
            let rows = rows.min(height - first_row);
            let locations = (rows * row).next_multiple_of(V * S::F32_LANES);
            let kernels = self.weight.chunks_exact(channels * 9);
            let outputs = self.output.chunks_mut(OUTPUTS * height * width);
            let groups = kernels.zip(self.bias.as_chunks::<OUTPUTS>().0).zip(outputs);
            for ((kernels, bias), outputs) in groups {
                for location in (0..locations).step_by(V * S::F32_LANES) {
                    let from = first_row * row + location;
                    let block = self.input.block::<S, V>(simd, kernels, bias, from);
                    for (sums, block) in sums.chunks_exact_mut(locations).zip(block) {
                        let to = &mut sums[location..location + V * S::F32_LANES];
                        S::as_mut_simd_f32s(to).0.copy_from_slice(&block);
                    }
                }
                let channels = outputs.chunks_exact_mut(height * width);
                for (output, sums) in channels.zip(sums.chunks_exact(locations)) {
                    let output = &mut output[first_row * width..][..rows * width];
                    for (to, from) in output.chunks_exact_mut(width).zip(sums.chunks(row)) {
                        to.copy_from_slice(&from[..width]);
                    }
                }
            }
        }
    }
}

impl Input<'_> {
    /// Eight channels of `V` vectors of locations.
    #[inline(always)]
    fn block<S: Simd, const V: usize>(
        self,
        simd: S,
        kernels: &[[f32; OUTPUTS]],
        bias: &[f32; OUTPUTS],
        from: usize,
    ) -> [[S::f32s; V]; OUTPUTS] {
        let row = self.shape.row();
        let len = V * S::F32_LANES;
        let mut sums = [[simd.splat_f32s(0.0); V]; OUTPUTS];
        for (sums, bias) in sums.iter_mut().zip(bias) {
            *sums = [simd.splat_f32s(*bias); V];
        }
        let planes = self.planes.chunks_exact(self.shape.plane());
        for (plane, kernel) in planes.zip(kernels.as_chunks::<9>().0) {
            for (line, kernel) in kernel.as_chunks::<3>().0.iter().enumerate() {
                let values = &plane[from + line * row..][..len + 2];
                for (column, weights) in kernel.iter().enumerate() {
                    let vectors = S::as_simd_f32s(&values[column..][..len]).0;
                    let vectors = vectors.as_chunks::<V>().0[0];
                    for (sums, weight) in sums.iter_mut().zip(weights) {
                        let weight = simd.splat_f32s(*weight);
                        for (sum, vector) in sums.iter_mut().zip(&vectors) {
                            *sum = simd.mul_add_f32s(weight, *vector, *sum);
                        }
                    }
                }
            }
        }
        sums
    }
}
