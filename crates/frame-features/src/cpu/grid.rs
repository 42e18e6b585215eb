//! A layer's output with a border of zeros, channels last.

use pulp::Arch;

/// Numbers for `height` x `width` locations with `channels` each, side by side, and around them a
/// border of one location of zeros, so that a 3x3 convolution needs no special cases at the edge.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) values: Vec<f32>,
}

impl Grid {
    /// Takes a shape and clears the border; what lies inside is left to be written.
    pub(super) fn shape(&mut self, height: usize, width: usize, channels: usize) {
        (self.height, self.width, self.channels) = (height, width, channels);
        let stride = self.stride();
        self.values.resize((height + 2) * stride, 0.0);
        self.values[..stride].fill(0.0);
        self.values[(height + 1) * stride..].fill(0.0);
        for row in self.values.chunks_exact_mut(stride) {
            row[..channels].fill(0.0);
            row[stride - channels..].fill(0.0);
        }
    }

    /// Numbers from one row to the next.
    pub(super) fn stride(&self) -> usize {
        (self.width + 2) * self.channels
    }

    /// The rows without the border.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        let (stride, border) = (self.stride(), self.channels);
        self.values
            .chunks_exact(stride)
            .skip(1)
            .take(self.height)
            .map(move |row| &row[border..stride - border])
    }

    /// As [`rows`](Self::rows), to be written.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (stride, border) = (self.stride(), self.channels);
        self.values
            .chunks_exact_mut(stride)
            .skip(1)
            .take(self.height)
            .map(move |row| &mut row[border..stride - border])
    }

    /// Maximum over 2x2 locations, half as many each way, rounded down.
    pub(super) fn pool_into(&self, half: &mut Self, arch: Arch) {
        let channels = self.channels;
        half.shape(self.height / 2, self.width / 2, channels);
        let mut rows = self.rows();
        for out in half.rows_mut() {
            let (Some(upper), Some(lower)) = (rows.next(), rows.next()) else {
                return; // half as many rows come out
            };
            arch.dispatch(|| {
                let pairs = upper
                    .chunks_exact(2 * channels)
                    .zip(lower.chunks_exact(2 * channels));
                for (out, (upper, lower)) in out.chunks_exact_mut(channels).zip(pairs) {
                    let (one, two) = upper.split_at(channels);
                    let (three, four) = lower.split_at(channels);
                    let four = one.iter().zip(two).zip(three.iter().zip(four));
                    for (out, ((one, two), (three, four))) in out.iter_mut().zip(four) {
                        *out = one.max(*two).max(three.max(*four));
                    }
                }
            });
        }
    }
}
