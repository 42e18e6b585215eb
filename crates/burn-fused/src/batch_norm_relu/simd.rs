//! Passes over the numbers of a batch: sums by channel, then each number by its channel's.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Mean and variance of each channel of a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    pub(super) variance: Vec<f32>,
    /// One over the deviation.
    inverse: Vec<f32>,
}

impl Statistics {
    pub(super) fn of(x: &[f32], shape: [usize; 4], epsilon: f32) -> Self {
        let arch = Arch::new();
        let moments = (0..shape[1]).into_par_iter().map(|channel| {
            let of = Channel { shape, channel };
            let mean = arch.dispatch(Moment { x, of, from: None });
            (
                mean,
                arch.dispatch(Moment {
                    x,
                    of,
                    from: Some(mean),
                }),
            )
        });
        let (mean, variance): (Vec<_>, Vec<f32>) = moments.unzip();
        let inverse = variance
            .iter()
            .map(|variance| (variance + epsilon).sqrt().recip());
        Self {
            inverse: inverse.collect(),
            mean,
            variance,
        }
    }
}

/// What there is of a batch.
#[derive(Clone, Copy)]
pub(super) struct Normalisation<'a> {
    /// `[batch, channels, height, width]`.
    pub(super) x: &'a [f32],
    pub(super) shape: [usize; 4],
    pub(super) gamma: &'a [f32],
    pub(super) beta: &'a [f32],
    pub(super) statistics: &'a Statistics,
}

/// The gradients of input, γ and β.
pub(super) struct Gradients {
    pub(super) x: Vec<f32>,
    pub(super) gamma: Vec<f32>,
    pub(super) beta: Vec<f32>,
}

impl Normalisation<'_> {
    pub(super) fn output(self) -> Vec<f32> {
        let mut output = vec![0.0; self.x.len()];
        let channels = self.shape[1];
        let [.., height, width] = self.shape;
        let arch = Arch::new();
        output
            .par_chunks_mut(height * width)
            .zip(self.x.par_chunks(height * width))
            .enumerate()
            .for_each(|(number, (output, x))| {
                let line = self.line(number % channels);
                arch.dispatch(|| line.output(x, output));
            });
        output
    }

    /// From the gradient of the output.
    pub(super) fn gradients(self, upstream: &[f32]) -> Gradients {
        let [batch, channels, height, width] = self.shape;
        let arch = Arch::new();
        let sums = (0..channels).into_par_iter().map(|channel| {
            let of = Channel {
                shape: self.shape,
                channel,
            };
            arch.dispatch(Sums {
                x: self.x,
                upstream,
                of,
                line: self.line(channel),
            })
        });
        let sums: Vec<_> = sums.collect();
        #[expect(
            clippy::cast_precision_loss,
            reason = "what is computed with has no more digits"
        )]
        let locations = (batch * height * width) as f32;
        let mut x = vec![0.0; self.x.len()];
        x.par_chunks_mut(height * width)
            .zip(self.x.par_chunks(height * width))
            .zip(upstream.par_chunks(height * width))
            .enumerate()
            .for_each(|(number, ((gradient, x), upstream))| {
                let channel = number % channels;
                let line = self.line(channel);
                let means = sums[channel].map(|sum| sum / locations);
                arch.dispatch(|| line.gradient(x, upstream, means, gradient));
            });
        Gradients {
            x,
            gamma: sums.iter().map(|[_, with_x]| *with_x).collect(),
            beta: sums.iter().map(|[sum, _]| *sum).collect(),
        }
    }

    fn line(self, channel: usize) -> Line {
        Line {
            mean: self.statistics.mean[channel],
            inverse: self.statistics.inverse[channel],
            gamma: self.gamma[channel],
            beta: self.beta[channel],
        }
    }
}

/// What a channel's numbers go through.
#[derive(Clone, Copy)]
struct Line {
    mean: f32,
    inverse: f32,
    gamma: f32,
    beta: f32,
}

impl Line {
    #[inline(always)]
    fn normalised(self, x: f32) -> f32 {
        (x - self.mean) * self.inverse
    }

    /// What the ReLU gets.
    #[inline(always)]
    fn scaled(self, normalised: f32) -> f32 {
        normalised * self.gamma + self.beta
    }

    /// A gradient behind the ReLU before it.
    #[inline(always)]
    fn let_through(self, normalised: f32, upstream: f32) -> f32 {
        if self.scaled(normalised) > 0.0 {
            upstream
        } else {
            0.0
        }
    }

    #[inline(always)]
    fn output(self, x: &[f32], output: &mut [f32]) {
        for (output, x) in output.iter_mut().zip(x) {
            let scaled = self.scaled(self.normalised(*x));
            *output = if scaled < 0.0 { 0.0 } else { scaled }; // what is no number stays none
        }
    }

    /// From the means of the gradient before the ReLU, and of its product with the normalised
    /// numbers.
    #[inline(always)]
    fn gradient(self, x: &[f32], upstream: &[f32], means: [f32; 2], gradient: &mut [f32]) {
        let factor = self.gamma * self.inverse;
        for (gradient, (x, upstream)) in gradient.iter_mut().zip(x.iter().zip(upstream)) {
            let normalised = self.normalised(*x);
            let own = self.let_through(normalised, *upstream);
            *gradient = factor * (own - means[0] - normalised * means[1]);
        }
    }
}

/// A channel of all pictures.
#[derive(Clone, Copy)]
struct Channel {
    shape: [usize; 4],
    channel: usize,
}

impl Channel {
    #[inline(always)]
    fn planes(self, values: &[f32]) -> impl Iterator<Item = &[f32]> {
        let [_, channels, height, width] = self.shape;
        let planes = values.chunks_exact(height * width);
        planes.skip(self.channel).step_by(channels)
    }

    fn locations(self) -> f32 {
        let [batch, _, height, width] = self.shape;
        #[expect(
            clippy::cast_precision_loss,
            reason = "what is computed with has no more digits"
        )]
        let locations = (batch * height * width) as f32;
        locations
    }
}

/// Numbers of a plane that are summed up side by side.
const SIDE_BY_SIDE: usize = 64;

/// The mean of a channel's numbers, or that of their squared distances from a number.
struct Moment<'a> {
    x: &'a [f32],
    of: Channel,
    from: Option<f32>,
}

impl WithSimd for Moment<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        let mut sums = [0.0; SIDE_BY_SIDE];
        for plane in self.of.planes(self.x) {
            match self.from {
                None => add_up(&mut sums, plane, |x| x),
                Some(from) => add_up(&mut sums, plane, |x| (x - from) * (x - from)),
            }
        }
        sums.iter().sum::<f32>() / self.of.locations()
    }
}

#[inline(always)]
fn add_up(sums: &mut [f32; SIDE_BY_SIDE], values: &[f32], of: impl Fn(f32) -> f32) {
    let (blocks, rest) = values.as_chunks::<SIDE_BY_SIDE>();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += of(*value);
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += of(*value);
    }
}

/// The sum of a channel's gradients before the ReLU, and that of their products with the normalised
/// numbers.
struct Sums<'a> {
    x: &'a [f32],
    upstream: &'a [f32],
    of: Channel,
    line: Line,
}

impl WithSimd for Sums<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f32; 2] {
        let mut sums = [[0.0; SIDE_BY_SIDE]; 2];
        for (x, upstream) in self.of.planes(self.x).zip(self.of.planes(self.upstream)) {
            let blocks = x.chunks(SIDE_BY_SIDE).zip(upstream.chunks(SIDE_BY_SIDE));
            for (x, upstream) in blocks {
                let [plain, with_x] = &mut sums;
                let each = plain.iter_mut().zip(with_x).zip(x.iter().zip(upstream));
                for ((plain, with_x), (x, upstream)) in each {
                    let normalised = self.line.normalised(*x);
                    let own = self.line.let_through(normalised, *upstream);
                    *plain += own;
                    *with_x += own * normalised;
                }
            }
        }
        sums.map(|sums| sums.iter().sum())
    }
}
