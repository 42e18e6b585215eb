//! The transforms of F(4x4, 3x3), with the interpolation points 0, 1, -1, 2, -2 and infinity.

use pulp::Simd;

use super::tile::{PLACES, REACH};
use crate::cpu::grid::TILE;

/// A kernel's 36 numbers, `G g Gᵀ`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "weights are computed with in single precision"
)]
pub(super) fn kernel(kernel: &[f32; 9]) -> [f32; PLACES] {
    const G: [[f64; 3]; REACH] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let mut transformed = [0.0; PLACES];
    for (place, value) in transformed.iter_mut().enumerate() {
        let (down, across) = (&G[place / REACH], &G[place % REACH]);
        let sum: f64 = (0..9)
            .map(|tap| down[tap / 3] * across[tap % 3] * f64::from(kernel[tap]))
            .sum();
        *value = sum as f32;
    }
    transformed
}

/// The 36 numbers of the 6x6 inputs at `corner`, `Bᵀ d B`, for all channels: each place's numbers
/// lie `between` from the last one's.
#[inline(always)]
pub(super) fn input<S: Simd>(
    simd: S,
    corner: &[f32],
    stride: usize,
    channels: usize,
    tile: &mut [f32],
    between: usize,
) {
    let corner = &corner[..(REACH - 1) * stride + REACH * channels];
    let tile = &mut tile[..(PLACES - 1) * between + channels];
    for channel in (0..channels).step_by(S::F32_LANES) {
        let mut columns = [[simd.splat_f32s(0.0); REACH]; REACH];
        for (x, column) in columns.iter_mut().enumerate() {
            let mut values = [simd.splat_f32s(0.0); REACH];
            for (y, value) in values.iter_mut().enumerate() {
                *value = load(simd, corner, y * stride + x * channels + channel);
            }
            *column = input_line(simd, values);
        }
        for y in 0..REACH {
            let mut values = [simd.splat_f32s(0.0); REACH];
            for (value, column) in values.iter_mut().zip(&columns) {
                *value = column[y];
            }
            for (x, value) in input_line(simd, values).into_iter().enumerate() {
                let place = (y * REACH + x) * between + channel;
                S::as_mut_simd_f32s(&mut tile[place..][..S::F32_LANES]).0[0] = value;
            }
        }
    }
}

/// `Bᵀ d` for one line.
#[inline(always)]
fn input_line<S: Simd>(simd: S, d: [S::f32s; REACH]) -> [S::f32s; REACH] {
    let number = |value| simd.splat_f32s(value);
    let even = simd.mul_add_f32s(number(-4.0), d[2], d[4]);
    let odd = simd.mul_add_f32s(number(-4.0), d[1], d[3]);
    let even_2 = simd.sub_f32s(d[4], d[2]);
    let odd_2 = simd.sub_f32s(d[3], d[1]);
    [
        simd.mul_add_f32s(
            number(4.0),
            d[0],
            simd.mul_add_f32s(number(-5.0), d[2], d[4]),
        ),
        simd.add_f32s(even, odd),
        simd.sub_f32s(even, odd),
        simd.mul_add_f32s(number(2.0), odd_2, even_2),
        simd.mul_add_f32s(number(-2.0), odd_2, even_2),
        simd.mul_add_f32s(
            number(4.0),
            d[1],
            simd.mul_add_f32s(number(-5.0), d[3], d[5]),
        ),
    ]
}

/// From sums to outputs.
pub(super) struct Back<'a> {
    pub(super) bias: &'a [f32],
    /// Smaller outputs become this: the ReLU's 0, or nothing is smaller.
    pub(super) least: f32,
    pub(super) pooled: bool,
    /// How many tiles lie beside each other in the sums.
    pub(super) tiles: usize,
}

impl Back<'_> {
    /// Writes the outputs `Aᵀ m A` of a tile, the `x`th of its row, into the rows of the output,
    /// which have `width` locations and `stride` numbers; those past its edges are dropped.
    #[inline(always)]
    pub(super) fn output<S: Simd>(
        &self,
        simd: S,
        tile: &[f32],
        output: &mut [f32],
        stride: usize,
        x: usize,
        width: usize,
    ) {
        let channels = self.bias.len();
        let between = self.tiles * channels;
        let tile = &tile[..(PLACES - 1) * between + channels];
        let side = if self.pooled { TILE / 2 } else { TILE };
        let across = side.min(width - x * side);
        let down = output.len() / stride;
        let least = simd.splat_f32s(self.least);
        for channel in (0..channels).step_by(S::F32_LANES) {
            let bias = load(simd, self.bias, channel);
            let mut rows = [[simd.splat_f32s(0.0); REACH]; TILE];
            for column in 0..REACH {
                let mut values = [simd.splat_f32s(0.0); REACH];
                for (y, value) in values.iter_mut().enumerate() {
                    *value = load(simd, tile, (y * REACH + column) * between + channel);
                }
                for (row, value) in rows.iter_mut().zip(output_line(simd, values)) {
                    row[column] = value;
                }
            }
            let mut values = [[simd.splat_f32s(0.0); TILE]; TILE];
            for (values, row) in values.iter_mut().zip(rows) {
                *values = output_line(simd, row);
                for value in values {
                    *value = simd.max_f32s(simd.add_f32s(*value, bias), least);
                }
            }
            if self.pooled {
                for y in 0..TILE / 2 {
                    for x in 0..TILE / 2 {
                        let upper = simd.max_f32s(values[2 * y][2 * x], values[2 * y][2 * x + 1]);
                        let [left, right] = [2 * x, 2 * x + 1].map(|x| values[2 * y + 1][x]);
                        values[y][x] = simd.max_f32s(upper, simd.max_f32s(left, right));
                    }
                }
            }
            for (y, values) in values.iter().enumerate().take(down) {
                for (column, value) in values.iter().enumerate().take(across) {
                    let place = y * stride + (x * side + column + 1) * channels + channel;
                    S::as_mut_simd_f32s(&mut output[place..][..S::F32_LANES]).0[0] = *value;
                }
            }
        }
    }
}

/// `Aᵀ m` for one line.
#[inline(always)]
fn output_line<S: Simd>(simd: S, m: [S::f32s; REACH]) -> [S::f32s; TILE] {
    let number = |value| simd.splat_f32s(value);
    let even = simd.add_f32s(m[1], m[2]);
    let odd = simd.sub_f32s(m[1], m[2]);
    let even_2 = simd.add_f32s(m[3], m[4]);
    let odd_2 = simd.sub_f32s(m[3], m[4]);
    [
        simd.add_f32s(m[0], simd.add_f32s(even, even_2)),
        simd.mul_add_f32s(number(2.0), odd_2, odd),
        simd.mul_add_f32s(number(4.0), even_2, even),
        simd.add_f32s(m[5], simd.mul_add_f32s(number(8.0), odd_2, odd)),
    ]
}

#[inline(always)]
fn load<S: Simd>(_: S, values: &[f32], place: usize) -> S::f32s {
    S::as_simd_f32s(&values[place..][..S::F32_LANES]).0[0]
}
