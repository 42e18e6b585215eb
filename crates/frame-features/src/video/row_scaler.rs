//! Scaling a picture whose rows come one after the other.

use pulp::{Arch, Simd, WithSimd};

use crate::picture::{Taps, taps};

/// Scales pictures of one size to another: the weights, and memory for the rows in use.
///
/// The same numbers as [`Picture::resize`](crate::Picture::resize): a triangle as wide as the
/// scale, in f32, rounded once at the end. Rows are weighed before columns, because that way both
/// sums go over neighbours in memory; the order changes nothing but the last bits of f32.
pub(super) struct RowScaler {
    rows: Vec<Taps>,
    columns: Columns,
    /// Rows that some output row still needs, by their number modulo how many there are.
    ring: Vec<u32>,
    ring_len: usize,
    scratch: Scratch,
    width: usize,
}

/// One row of the output on its way, four numbers a pixel.
struct Scratch {
    /// Rows weighed, columns not yet.
    wide: Vec<f32>,
    /// Both weighed.
    narrow: Vec<f32>,
    bytes: Vec<u8>,
}

/// The same for all pixels of a row, as many weights for each; what is too many is 0.
struct Columns {
    starts: Vec<usize>,
    weights: Vec<f32>,
    each: usize,
}

impl Columns {
    fn new(input: usize, output: usize) -> Self {
        let taps = taps(input, output);
        let each = taps
            .iter()
            .map(|taps| taps.weights.len())
            .max()
            .unwrap_or(1);
        let mut weights = vec![0.0; each * output];
        let mut starts = Vec::with_capacity(output);
        for (taps, weights) in taps.iter().zip(weights.chunks_exact_mut(each)) {
            let start = taps.first.min(input - each);
            weights[taps.first - start..][..taps.weights.len()].copy_from_slice(&taps.weights);
            starts.push(start);
        }
        Self {
            starts,
            weights,
            each,
        }
    }
}

impl RowScaler {
    /// From one width and height to another; none may be 0.
    pub(super) fn new(from: [usize; 2], to: [usize; 2]) -> Self {
        let rows = taps(from[1], to[1]);
        let ring_len = rows
            .iter()
            .map(|taps| taps.weights.len())
            .max()
            .unwrap_or(1);
        Self {
            rows,
            columns: Columns::new(from[0], to[0]),
            ring: vec![0; ring_len * from[0]],
            ring_len,
            scratch: Scratch {
                wide: vec![0.0; 4 * from[0]],
                narrow: vec![0.0; 4 * to[0]],
                bytes: vec![0; 4 * to[0]],
            },
            width: from[0],
        }
    }

    /// The scaled picture, three bytes a pixel. `make` fills in a row of the input, each once and
    /// in order.
    pub(super) fn run(&mut self, arch: Arch, mut make: impl FnMut(usize, &mut [u32])) -> Vec<u8> {
        let line_len = self.columns.starts.len() * 3;
        let mut rgb = vec![0; self.rows.len() * line_len];
        let mut made = 0;
        for (taps, line) in self.rows.iter().zip(rgb.chunks_exact_mut(line_len)) {
            while made < taps.first + taps.weights.len() {
                let place = made % self.ring_len * self.width;
                make(made, &mut self.ring[place..place + self.width]);
                made += 1;
            }
            arch.dispatch(Weigh {
                taps,
                columns: &self.columns,
                ring: bytemuck::cast_slice(&self.ring),
                ring_len: self.ring_len,
                scratch: &mut self.scratch,
                line,
            });
        }
        rgb
    }
}

/// One row's work, to be compiled for the vectors of the machine.
struct Weigh<'a> {
    taps: &'a Taps,
    columns: &'a Columns,
    ring: &'a [u8],
    ring_len: usize,
    scratch: &'a mut Scratch,
    line: &'a mut [u8],
}

impl WithSimd for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Scratch {
            wide,
            narrow,
            bytes,
        } = self.scratch;
        weigh_rows(self.taps, self.ring, self.ring_len, wide);
        weigh_columns(self.columns, wide, narrow);
        for (byte, &value) in bytes.iter_mut().zip(&*narrow) {
            *byte = to_byte(value);
        }
        let pixels = bytes.as_chunks::<4>().0;
        for (out, &[red, green, blue, _]) in self.line.as_chunks_mut::<3>().0.iter_mut().zip(pixels)
        {
            *out = [red, green, blue];
        }
    }
}

/// Several rows are taken at a time, so that the sums are written less often.
#[inline(always)]
fn weigh_rows(taps: &Taps, ring: &[u8], ring_len: usize, sums: &mut [f32]) {
    let bytes = sums.len();
    let row = |index: usize| &ring[index % ring_len * bytes..][..bytes];
    let mut first = taps.first;
    for (pass, weights) in taps.weights.chunks(5).enumerate() {
        let again = pass > 0;
        match *weights {
            [a] => add_rows([row(first)], [a], again, sums),
            [a, b] => add_rows([row(first), row(first + 1)], [a, b], again, sums),
            [a, b, c] => {
                let rows = [row(first), row(first + 1), row(first + 2)];
                add_rows(rows, [a, b, c], again, sums);
            }
            [a, b, c, d] => {
                let rows = [row(first), row(first + 1), row(first + 2), row(first + 3)];
                add_rows(rows, [a, b, c, d], again, sums);
            }
            [a, b, c, d, e] => {
                let upper = [row(first), row(first + 1), row(first + 2)];
                let [one, two, three] = upper;
                let rows = [one, two, three, row(first + 3), row(first + 4)];
                add_rows(rows, [a, b, c, d, e], again, sums);
            }
            _ => {} // chunks have one to five
        }
        first += weights.len();
    }
}

#[inline(always)]
fn add_rows<const N: usize>(rows: [&[u8]; N], weights: [f32; N], again: bool, sums: &mut [f32]) {
    let rows = rows.map(|row| &row[..sums.len()]);
    for place in 0..sums.len() {
        let mut sum = if again { sums[place] } else { 0.0 };
        for (row, weight) in rows.iter().zip(weights) {
            sum += f32::from(row[place]) * weight;
        }
        sums[place] = sum;
    }
}

/// All four numbers of a pixel are added up, though one means nothing: that makes them one vector.
#[inline(always)]
fn weigh_columns(columns: &Columns, wide: &[f32], narrow: &mut [f32]) {
    let (pixels, _) = wide.as_chunks::<4>();
    let taps = columns
        .starts
        .iter()
        .zip(columns.weights.chunks_exact(columns.each));
    for (out, (&start, weights)) in narrow.as_chunks_mut::<4>().0.iter_mut().zip(taps) {
        let mut sum = [0.0; 4];
        for (pixel, &weight) in pixels[start..][..columns.each].iter().zip(weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += value * weight;
            }
        }
        *out = sum;
    }
}

/// Rounds, half to even: means of bytes are within 0 and 255. As in `colour`, vectors are made of
/// it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest byte is the integer"
)]
#[inline(always)]
fn to_byte(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;

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
            let mut scaler = RowScaler::new(from, to);
            let found = scaler.run(Arch::new(), |y, row| {
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
