//! The gradients of kernels and biases.
//!
//! A kernel's is a sum over all locations of all pictures: of the output's gradient there times
//! each of the nine inputs around it. For an input channel and a pair of output channels the
//! eighteen sums are vectors in registers, over as many pictures as a few thousand locations take;
//! then they are added up.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::padded::{BLOCK, Shape};
use crate::cpu::vectors::dot;

/// Locations over which sums stay vectors, at least, if there are as many.
const LOCATIONS: usize = 1 << 12;

/// The gradients of kernels `[outputs, channels, 3, 3]` and biases from inputs
/// `[batch, channels, height, width]` and the output's gradient `[batch, outputs, height, width]`.
pub(super) fn weight_gradient(
    x: &[f32],
    shape: Shape,
    upstream: &[f32],
    outputs: usize,
) -> (Vec<f32>, Vec<f32>) {
    let channels = shape.channels;
    let above = Shape {
        channels: outputs,
        ..shape
    };
    let batch = x.len() / shape.picture();
    let mut planes = vec![0.0; batch * channels * shape.plane()];
    planes
        .par_chunks_mut(channels * shape.plane())
        .zip(x.par_chunks(shape.picture()))
        .for_each(|(planes, picture)| shape.pad(picture, planes));
    let mut gradients = vec![0.0; batch * outputs * shape.locations()];
    gradients
        .par_chunks_mut(outputs * shape.locations())
        .zip(upstream.par_chunks(above.picture()))
        .for_each(|(gradients, picture)| above.align(picture, gradients));

    let arch = Arch::new();
    let inputs = Inputs {
        planes: &planes,
        shape,
        gradients: &gradients,
        outputs,
    };
    // By input channel, then output channel, then place in the kernel.
    let mut kernels = vec![[0.0; 9]; channels * outputs];
    kernels
        .par_chunks_mut(outputs)
        .enumerate()
        .for_each(|(channel, kernels)| {
            arch.dispatch(Channel {
                inputs,
                channel,
                kernels,
            })
        });
    let weight = (0..outputs)
        .flat_map(|output| (0..channels).map(move |channel| channel * outputs + output))
        .flat_map(|place| kernels[place])
        .collect();

    let mut bias = vec![0.0; outputs];
    bias.par_iter_mut().enumerate().for_each(|(output, bias)| {
        arch.dispatch(Bias {
            inputs,
            output,
            bias,
        })
    });
    (weight, bias)
}

/// What is summed up.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    /// `[batch, channels, plane]`.
    planes: &'a [f32],
    shape: Shape,
    /// `[batch, outputs, locations]`.
    gradients: &'a [f32],
    outputs: usize,
}

impl<'a> Inputs<'a> {
    /// The numbers of pictures over which sums stay vectors.
    fn groups(self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let locations = self.shape.locations();
        let batch = self.gradients.len() / (self.outputs * locations);
        let group = LOCATIONS.div_ceil(locations);
        (0..batch)
            .step_by(group)
            .map(move |first| first..batch.min(first + group))
    }

    #[inline(always)]
    fn plane(self, picture: usize, channel: usize) -> &'a [f32] {
        let plane = self.shape.plane();
        &self.planes[(picture * self.shape.channels + channel) * plane..][..plane]
    }

    #[inline(always)]
    fn gradient(self, picture: usize, output: usize) -> &'a [f32] {
        let locations = self.shape.locations();
        &self.gradients[(picture * self.outputs + output) * locations..][..locations]
    }
}

/// The kernels of an input channel.
struct Channel<'a> {
    inputs: Inputs<'a>,
    channel: usize,
    /// One for each output channel.
    kernels: &'a mut [[f32; 9]],
}

impl WithSimd for Channel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for pictures in self.inputs.groups() {
            let mut output = 0;
            while output < self.kernels.len() {
                // Eighteen sums need more registers than most machines have.
                if S::REGISTER_COUNT >= 32 && output + 2 <= self.kernels.len() {
                    self.sum::<S, 2>(simd, pictures.clone(), output);
                    output += 2;
                } else {
                    self.sum::<S, 1>(simd, pictures.clone(), output);
                    output += 1;
                }
            }
        }
    }
}

impl Channel<'_> {
    /// Adds what some pictures give for the kernels of `OUTPUTS` outputs.
    #[inline(always)]
    fn sum<S: Simd, const OUTPUTS: usize>(
        &mut self,
        simd: S,
        pictures: std::ops::Range<usize>,
        first: usize,
    ) {
        let row = self.inputs.shape.row();
        let mut sums = [[simd.splat_f32s(0.0); 9]; OUTPUTS];
        for picture in pictures {
            let plane = self.inputs.plane(picture, self.channel);
            let gradients: [&[f32]; OUTPUTS] =
                std::array::from_fn(|i| self.inputs.gradient(picture, first + i));
            for location in (0..gradients[0].len()).step_by(S::F32_LANES) {
                let gradients = gradients
                    .map(|gradient| S::as_simd_f32s(&gradient[location..][..S::F32_LANES]).0[0]);
                for line in 0..3 {
                    let values = &plane[location + line * row..][..S::F32_LANES + 2];
                    for column in 0..3 {
                        let value = S::as_simd_f32s(&values[column..][..S::F32_LANES]).0[0];
                        for (sums, gradient) in sums.iter_mut().zip(gradients) {
                            let sum = &mut sums[line * 3 + column];
                            *sum = simd.mul_add_f32s(gradient, value, *sum);
                        }
                    }
                }
            }
        }
        for (kernel, sums) in self.kernels[first..].iter_mut().zip(sums) {
            for (weight, sum) in kernel.iter_mut().zip(sums) {
                *weight += simd.reduce_sum_f32s(sum);
            }
        }
    }
}

/// The bias of an output channel.
struct Bias<'a> {
    inputs: Inputs<'a>,
    output: usize,
    bias: &'a mut f32,
}

impl WithSimd for Bias<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let ones = [1.0; BLOCK];
        for picture in self.inputs.groups().flatten() {
            let gradient = self.inputs.gradient(picture, self.output);
            for block in gradient.chunks(BLOCK) {
                *self.bias += dot(simd, block, &ones);
            }
        }
    }
}
