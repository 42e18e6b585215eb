//! Where a convolution's inputs lie.

use tract_onnx::tract_hir::tract_core::ops::cnn::PoolSpec;

/// Numbers that may be laid out at once (256 MiB): strides and borders of a broken file may be
/// huge.
const MOST_NUMBERS: usize = 1 << 26;

/// Sizes of a convolution over pictures, each as rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) input: [usize; 2],
    pub(super) output: [usize; 2],
    pub(super) kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Zeros before the first row and column.
    before: [usize; 2],
    /// Rows and columns of each part of [`lay_out`](Self::lay_out).
    part: [usize; 2],
}

impl Geometry {
    /// The sizes, if the convolution is one of pictures that has a result, and is not so large that
    /// laying out `channels` of it takes too much memory.
    pub(super) fn of(
        spec: &PoolSpec,
        channels: usize,
        input: [usize; 2],
        output: [usize; 2],
    ) -> Option<Self> {
        let [down, right] = *spec.kernel_shape.as_slice() else {
            return None;
        };
        let before = spec.computed_padding(&input);
        let both = |of: &dyn Fn(usize) -> usize| [of(0), of(1)];
        let mut geometry = Self {
            input,
            output,
            kernel: [down, right],
            stride: both(&|axis| spec.stride(axis)),
            dilation: both(&|axis| spec.dilation(axis)),
            before: both(&|axis| before[axis].pad_before),
            part: [0; 2],
        };
        let sizes = [output, geometry.kernel, geometry.stride, geometry.dilation];
        if sizes.as_flattened().contains(&0) {
            return None;
        }
        let part = |axis: usize| {
            let last = (geometry.kernel[axis] - 1).checked_mul(geometry.dilation[axis])?;
            let reach = (output[axis] - 1).checked_mul(geometry.stride[axis])?;
            let reach = reach.checked_add(last)?.checked_add(1)?;
            Some(reach.div_ceil(geometry.stride[axis]))
        };
        geometry.part = [part(0)?, part(1)?];
        let [[down, right], [rows, columns]] = [geometry.stride, geometry.part];
        let numbers = [down, right, rows, columns]
            .iter()
            .try_fold(channels, |product, &size| product.checked_mul(size))?;
        if numbers > MOST_NUMBERS || input.contains(&0) {
            return None;
        }
        Some(geometry)
    }

    /// Columns of a line that is laid out.
    pub(super) fn width(&self) -> usize {
        self.part[1]
    }

    /// Numbers of a channel that is laid out.
    pub(super) fn plane(&self) -> usize {
        self.stride[0] * self.stride[1] * self.part[0] * self.part[1]
    }

    /// Sums of a channel: those of the lines of the result, and between them those of what is laid
    /// out beyond their ends.
    pub(super) fn sums(&self) -> usize {
        (self.output[0] - 1) * self.width() + self.output[1]
    }

    /// Whether a picture is laid out as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.stride == [1, 1] && self.part == self.input && self.before == [0, 0]
    }

    /// Where, of a channel that is laid out, each tap of the kernel reads for the first sum. For
    /// the next one it reads the number after that, and so on.
    pub(super) fn taps(&self) -> Vec<usize> {
        let mut taps = Vec::with_capacity(self.kernel[0] * self.kernel[1]);
        for row in 0..self.kernel[0] {
            for column in 0..self.kernel[1] {
                let [y, x] = [row * self.dilation[0], column * self.dilation[1]];
                let part = y % self.stride[0] * self.stride[1] + x % self.stride[1];
                let [y, x] = [y / self.stride[0], x / self.stride[1]];
                taps.push((part * self.part[0] + y) * self.part[1] + x);
            }
        }
        taps
    }

    /// Lays out a channel's picture in `plane`: with its border, and apart by what remains of rows
    /// and columns after the strides. Where the border is, `plane` has zeros and keeps them.
    pub(super) fn lay_out(&self, picture: &[f32], plane: &mut [f32]) {
        let [down, right] = self.stride;
        for (y, line) in picture.chunks_exact(self.input[1]).enumerate() {
            let y = y + self.before[0];
            if y / down >= self.part[0] {
                break;
            }
            for first in 0..right {
                // Columns first, first + right … of the line with its border.
                let skipped = self.before[1].saturating_sub(first).div_ceil(right);
                let from = skipped * right + first - self.before[1];
                let start = (y % down * right + first) * self.part[0] + y / down;
                let part = &mut plane[start * self.part[1]..][..self.part[1]];
                let part = part.get_mut(skipped..).unwrap_or_default();
                let line = line.get(from..).unwrap_or_default();
                match right {
                    1 => {
                        let number = part.len().min(line.len());
                        part[..number].copy_from_slice(&line[..number]);
                    }
                    2 => {
                        let (pairs, rest) = line.as_chunks::<2>();
                        for (to, [value, _]) in part.iter_mut().zip(pairs) {
                            *to = *value;
                        }
                        if let ([value], Some(to)) = (rest, part.get_mut(pairs.len())) {
                            *to = *value;
                        }
                    }
                    _ => {
                        for (to, value) in part.iter_mut().zip(line.iter().step_by(right)) {
                            *to = *value;
                        }
                    }
                }
            }
        }
    }

    /// Takes the lines of the result out of sums, which begin with sum number `first`.
    pub(super) fn take_lines(&self, sums: &[f32], first: usize, output: &mut [f32]) {
        let (width, columns) = (self.width(), self.output[1]);
        let mut taken = 0;
        while taken < sums.len() {
            let (line, column) = ((first + taken) / width, (first + taken) % width);
            let number = (width - column).min(sums.len() - taken);
            let within = columns.saturating_sub(column).min(number);
            let start = line * columns + column;
            output[start..][..within].copy_from_slice(&sums[taken..][..within]);
            taken += number;
        }
    }
}
