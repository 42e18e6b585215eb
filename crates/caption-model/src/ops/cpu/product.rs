//! Products of matrices in cache, the inner loop of everything.
//!
//! The right matrix comes in panels of [`PANEL`] columns. A few rows of the left matrix times a panel are summed up in
//! registers, of which AVX-512 has 32: 14 rows of two vectors take 28, and each step of the sum loads two vectors and
//! broadcasts 14 numbers for 28 multiplications.

use pulp::Simd;

/// Columns of the right matrix that are computed together: two vectors of AVX-512.
pub(super) const PANEL: usize = 32;

/// A matrix with its rows `stride` numbers apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
}

/// The transpose of a matrix with its rows `stride` numbers apart: what stands in one of the product's columns lies side by
/// side, so that one address serves all rows of a tile. With a stride that is not known when this is compiled, [`Rows`]
/// need an address for each row, more than there are registers.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
}

/// The left matrix of a product.
pub(super) trait Left: Copy {
    /// Some of its rows.
    type Tile<const ROWS: usize>;

    /// The matrix without its first rows.
    fn skip(self, rows: usize) -> Self;

    /// Its first rows, `depth` numbers each.
    fn tile<const ROWS: usize>(self, depth: usize) -> Self::Tile<ROWS>;

    /// What stands at `place` in row `row`.
    fn at<const ROWS: usize>(tile: &Self::Tile<ROWS>, row: usize, place: usize) -> f32;
}

impl<'a> Left for Rows<'a> {
    type Tile<const ROWS: usize> = [&'a [f32]; ROWS];

    #[inline(always)]
    fn skip(self, rows: usize) -> Self {
        Self {
            values: &self.values[rows * self.stride..],
            ..self
        }
    }

    #[inline(always)]
    fn tile<const ROWS: usize>(self, depth: usize) -> [&'a [f32]; ROWS] {
        let mut rows = [&self.values[..depth]; ROWS];
        for (number, row) in rows.iter_mut().enumerate() {
            *row = &self.values[number * self.stride..][..depth];
        }
        rows
    }

    #[inline(always)]
    fn at<const ROWS: usize>(tile: &[&'a [f32]; ROWS], row: usize, place: usize) -> f32 {
        tile[row][place]
    }
}

impl<'a> Left for Columns<'a> {
    type Tile<const ROWS: usize> = Self;

    #[inline(always)]
    fn skip(self, rows: usize) -> Self {
        Self {
            values: &self.values[rows..],
            ..self
        }
    }

    #[inline(always)]
    fn tile<const ROWS: usize>(self, _: usize) -> Self {
        self
    }

    #[inline(always)]
    fn at<const ROWS: usize>(tile: &Self, row: usize, place: usize) -> f32 {
        tile.values[place * tile.stride..][..ROWS][row]
    }
}

/// Matrix to write, likewise.
pub(super) struct RowsMut<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) stride: usize,
}

/// `sums[rows, PANEL] = left[rows, depth] · panel[depth, PANEL]`, added to what is there if `add`.
#[inline(always)]
pub(super) fn multiply<S: Simd, L: Left>(
    simd: S,
    rows: usize,
    depth: usize,
    left: L,
    panel: Rows<'_>,
    sums: &mut RowsMut<'_>,
    add: bool,
) {
    match S::F32_LANES {
        16 => vectors::<S, L, 2>(simd, rows, depth, left, panel, sums, add),
        8 => vectors::<S, L, 4>(simd, rows, depth, left, panel, sums, add),
        4 => vectors::<S, L, 8>(simd, rows, depth, left, panel, sums, add),
        _ => vectors::<S, L, 32>(simd, rows, depth, left, panel, sums, add),
    }
}

#[inline(always)]
fn vectors<S: Simd, L: Left, const V: usize>(
    simd: S,
    rows: usize,
    depth: usize,
    left: L,
    panel: Rows<'_>,
    sums: &mut RowsMut<'_>,
    add: bool,
) {
    let mut row = 0;
    while row < rows {
        let left = left.skip(row);
        let sums = RowsMut {
            values: &mut sums.values[row * sums.stride..],
            stride: sums.stride,
        };
        let tile = Tile::<S, L, V> {
            simd,
            depth,
            left,
            panel,
            sums,
            add,
        };
        row += match (V, rows - row) {
            (2, 14..) => tile.sum::<14>(),
            (2, 8..) => tile.sum::<8>(),
            (2, 4..) => tile.sum::<4>(),
            (..=4, 3..) => tile.sum::<3>(),
            (..=8, 2..) => tile.sum::<2>(),
            _ => tile.sum::<1>(),
        };
    }
}

/// Some rows and a panel.
struct Tile<'a, S: Simd, L: Left, const V: usize> {
    simd: S,
    depth: usize,
    left: L,
    panel: Rows<'a>,
    sums: RowsMut<'a>,
    add: bool,
}

impl<S: Simd, L: Left, const V: usize> Tile<'_, S, L, V> {
    /// Computes `ROWS` rows and says how many they are.
    #[inline(always)]
    fn sum<const ROWS: usize>(self) -> usize {
        let (simd, depth) = (self.simd, self.depth);
        let mut sums = [[simd.splat_f32s(0.0); V]; ROWS];
        let rows = self.left.tile::<ROWS>(depth);
        for place in 0..depth {
            let panel = &self.panel.values[place * self.panel.stride..][..PANEL];
            let panel = S::as_simd_f32s(panel).0.as_chunks::<V>().0;
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = simd.splat_f32s(L::at(&rows, row, place));
                for (sum, vector) in sums.iter_mut().zip(&panel[0]) {
                    *sum = simd.mul_add_f32s(value, *vector, *sum);
                }
            }
        }
        // A copy: what is indexed in a loop lies in memory, and would do so in the loop above as well.
        for (number, sums) in std::hint::black_box(sums).iter().enumerate() {
            let place = &mut self.sums.values[number * self.sums.stride..][..PANEL];
            let place = S::as_mut_simd_f32s(place).0;
            for (place, sum) in place.iter_mut().zip(sums) {
                *place = if self.add {
                    simd.add_f32s(*place, *sum)
                } else {
                    *sum
                };
            }
        }
        ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Multiply<'a> {
        rows: usize,
        depth: usize,
        left: &'a [f32],
        panel: &'a [f32],
        sums: &'a mut [f32],
    }

    impl WithSimd for Multiply<'_> {
        type Output = ();
        fn with_simd<S: Simd>(self, simd: S) {
            let Self { rows, depth, .. } = self;
            let left = Rows {
                values: self.left,
                stride: depth + 1,
            };
            let panel = Rows {
                values: self.panel,
                stride: PANEL,
            };
            let mut sums = RowsMut {
                values: self.sums,
                stride: PANEL,
            };
            multiply(simd, rows, depth, left, panel, &mut sums, false);
            let mut columns = vec![0.0; depth * (rows + 1)];
            for (row, values) in self.left.chunks_exact(depth + 1).enumerate() {
                for (place, value) in values[..depth].iter().enumerate() {
                    columns[place * (rows + 1) + row] = *value;
                }
            }
            let left = Columns {
                values: &columns,
                stride: rows + 1,
            };
            multiply(simd, rows, depth, left, panel, &mut sums, true);
        }
    }

    /// Small integers multiply exactly: rows of every remainder, twice the product for that of the transposed matrix is added.
    #[test]
    fn every_number_of_rows() {
        let mut archs = vec![Arch::new(), Arch::Scalar];
        #[cfg(target_arch = "x86_64")]
        archs.extend(pulp::x86::V3::try_new().map(Arch::V3));
        for arch in archs {
            for rows in 1..32 {
                let depth = 5;
                let number = |i: usize| f32::from(u8::try_from(i * 7 % 11).unwrap()) - 5.0;
                let left: Vec<f32> = (0..rows * (depth + 1)).map(number).collect();
                let panel: Vec<f32> = (0..depth * PANEL).map(|i| number(i + 3)).collect();
                let mut sums = vec![7.0; rows * PANEL];
                arch.dispatch(Multiply {
                    rows,
                    depth,
                    left: &left,
                    panel: &panel,
                    sums: &mut sums,
                });
                for (i, sum) in sums.iter().enumerate() {
                    let (row, column) = (i / PANEL, i % PANEL);
                    let expected: f32 = (0..depth)
                        .map(|k| left[row * (depth + 1) + k] * panel[k * PANEL + column])
                        .sum();
                    assert_eq!(*sum, 2.0 * expected, "{rows} rows, number {i}");
                }
            }
        }
    }
}
