//! Scaling rows of pixels as they come.

use std::ops::Range;

use pulp::Arch;

/// What scales pictures of one size to another: the weights, and memory for the rows in use.
///
/// The same numbers as [`Picture::resize`](crate::Picture::resize): a triangle as wide as the scale,
/// in f32, rounded once at the end. Rows are weighed before columns, because that way both sums go
/// over neighbours in memory; the order changes nothing but the last bits of f32.
pub(super) struct Shrink {
    columns: Vec<Taps>,
    rows: Vec<Taps>,
    /// Rows that some output row still needs, by their number modulo how many there are.
    ring: Vec<u32>,
    ring_len: usize,
    /// One row of the output before its columns are weighed, four numbers a pixel.
    sums: Vec<f32>,
    width: usize,
}

/// The input pixels that make one output pixel.
struct Taps {
    from: Range<usize>,
    weights: Vec<f32>,
}

impl Shrink {
    /// From one width and height to another; none may be 0.
    pub(super) fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        let rows = taps(from[1], to[1]);
        let ring_len = rows.iter().map(|taps| taps.from.len()).max().unwrap_or(1);
        Self {
            columns: taps(from[0], to[0]),
            ring: vec![0; ring_len * from[0]],
            ring_len,
            sums: vec![0.0; 4 * from[0]],
            rows,
            width: from[0],
        }
    }

    /// The scaled picture, three bytes a pixel. `make` fills in a row of the input, each once and
    /// in order.
    pub(super) fn run(&mut self, arch: Arch, mut make: impl FnMut(usize, &mut [u32])) -> Vec<u8> {
        let mut rgb = vec![0; self.rows.len() * self.columns.len() * 3];
        let mut made = 0;
        let lines = rgb.chunks_exact_mut(self.columns.len() * 3);
        for (taps, line) in self.rows.iter().zip(lines) {
            while made < taps.from.end {
                let place = made % self.ring_len * self.width;
                make(made, &mut self.ring[place..place + self.width]);
                made += 1;
            }
            let (ring, sums) = (&self.ring, &mut self.sums);
            let row = |index: usize| {
                let place = index % self.ring_len * self.width;
                bytemuck::cast_slice(&ring[place..place + self.width])
            };
            arch.dispatch(|| {
                weigh_rows(taps, row, sums);
                weigh_columns(sums, &self.columns, line);
            });
        }
        rgb
    }
}

/// Rows are taken four at a time, so that the sums are read and written less often.
#[inline(always)]
fn weigh_rows<'a>(taps: &Taps, row: impl Fn(usize) -> &'a [u8], sums: &mut [f32]) {
    sums.fill(0.0);
    let (fours, rest) = taps.weights.as_chunks::<4>();
    let mut index = taps.from.start;
    for &[one, two, three, four] in fours {
        let rows = row(index).iter().zip(row(index + 1));
        let rows = rows.zip(row(index + 2).iter().zip(row(index + 3)));
        for (sum, ((&a, &b), (&c, &d))) in sums.iter_mut().zip(rows) {
            let upper = f32::from(a) * one + f32::from(b) * two;
            *sum += upper + (f32::from(c) * three + f32::from(d) * four);
        }
        index += 4;
    }
    for &weight in rest {
        for (sum, &byte) in sums.iter_mut().zip(row(index)) {
            *sum += f32::from(byte) * weight;
        }
        index += 1;
    }
}

#[inline(always)]
fn weigh_columns(sums: &[f32], columns: &[Taps], line: &mut [u8]) {
    let (pixels, _) = sums.as_chunks::<4>();
    for (taps, out) in columns.iter().zip(line.as_chunks_mut::<3>().0) {
        let mut sum = [0.0; 4];
        for (pixel, &weight) in pixels[taps.from.clone()].iter().zip(&taps.weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += value * weight;
            }
        }
        *out = [to_byte(sum[0]), to_byte(sum[1]), to_byte(sum[2])];
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the sides of pictures fit into f64, and the weights are between 0 and 1"
)]
fn taps(input: usize, output: usize) -> Vec<Taps> {
    let scale = input as f64 / output as f64;
    let reach = scale.max(1.0);
    (0..output)
        .map(|index| {
            let centre = scale * (index as f64 + 0.5);
            let first = (centre - reach + 0.5).max(0.0) as usize;
            let last = ((centre + reach + 0.5) as usize).clamp(first + 1, input);
            let from = first.min(last - 1)..last;
            let weight = |pixel| (1.0 - ((pixel as f64 + 0.5 - centre) / reach).abs()).max(0.0);
            let total: f64 = from.clone().map(weight).sum();
            Taps {
                weights: from
                    .clone()
                    .map(|pixel| (weight(pixel) / total) as f32)
                    .collect(),
                from,
            }
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to u8 is held within 0 to 255"
)]
fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Picture;

    /// A picture whose pixels have nothing to do with each other.
    fn noise(width: usize, height: usize) -> Vec<[u8; 4]> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()
        };
        (0..width * height).map(|_| next()).collect()
    }

    /// Where the order of additions moves a sum over a half, a byte differs by 1.
    #[test]
    fn scaled_as_pictures_are() {
        for (from, to) in [
            ([854, 480], [224, 224]),
            ([63, 49], [32, 40]),
            ([40, 30], [224, 448]),
            ([1, 1], [3, 2]),
            ([5, 300], [7, 1]),
            ([32, 32], [32, 32]),
        ] {
            let pixels = noise(from[0], from[1]);
            let rgb: Vec<u8> = pixels
                .iter()
                .flat_map(|pixel| pixel[..3].to_vec())
                .collect();
            let picture = Picture::new(from[0], from[1], &rgb).unwrap();
            let expected = picture.resize(to[0], to[1]);
            let mut shrink = Shrink::new(from, to);
            let found = shrink.run(Arch::new(), |y, row| {
                let line = &pixels[y * from[0]..][..from[0]];
                row.copy_from_slice(bytemuck::cast_slice(line));
            });
            assert_eq!(found.len(), expected.len());
            let pairs = || found.iter().zip(&expected);
            let largest = pairs().map(|(one, other)| one.abs_diff(*other)).max();
            let differing = pairs().filter(|(one, other)| one != other).count();
            assert!(largest <= Some(1), "{from:?} to {to:?}: {largest:?}");
            assert!(
                differing * 500 <= found.len(),
                "{from:?} to {to:?}: {differing}"
            );
        }
    }
}
