//! Vectors of one item and head within `[batch, length, heads, d]`, in the order in which products
//! read them.

use super::{
    lines::Lines,
    product::{PANEL, TILE},
};

/// Rows of `d` numbers, each `stride` after the one before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    values: &'a [f32],
    stride: usize,
    d: usize,
    len: usize,
}

impl<'a> Rows<'a> {
    /// Those of an item and head of a tensor `[batch, len, heads, d]`.
    pub(crate) fn of_head(
        values: &'a [f32],
        [len, heads, d]: [usize; 3],
        item: usize,
        head: usize,
    ) -> Self {
        Self {
            values: &values[(item * len * heads + head) * d..],
            stride: heads * d,
            d,
            len,
        }
    }

    /// `len` of them from row `first` on.
    pub(crate) fn narrow(self, first: usize, len: usize) -> Self {
        debug_assert!(first + len <= self.len);
        Self {
            values: &self.values[first * self.stride..],
            len,
            ..self
        }
    }

    #[inline(always)]
    pub(crate) fn row(&self, number: usize) -> &'a [f32] {
        &self.values[number * self.stride..][..self.d]
    }

    fn iter(self) -> impl Iterator<Item = &'a [f32]> {
        (0..self.len).map(move |number| self.row(number))
    }

    /// `N` rows from row `first` on; `zeros` where there are none.
    fn rows<const N: usize>(self, first: usize, zeros: &'a [f32]) -> [&'a [f32]; N] {
        std::array::from_fn(|row| match first + row < self.len {
            true => self.row(first + row),
            false => &zeros[..self.d],
        })
    }

    /// Times `scale` in tiles `[tile][d][TILE]`, the last one filled up with zeros: the left side
    /// of a product that has a row for each of them.
    pub(crate) fn tiles(self, scale: f32) -> Lines {
        let zeros = vec![0.0; self.d];
        let mut tiles = Lines::zeros(self.len.next_multiple_of(TILE) * self.d);
        for (number, tile) in tiles.chunks_exact_mut((self.d * TILE).max(1)).enumerate() {
            let rows = self.rows::<TILE>(number * TILE, &zeros);
            for (x, place) in tile.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
                for (place, row) in place.iter_mut().zip(rows) {
                    *place = row[x] * scale;
                }
            }
        }
        tiles
    }

    /// Times `scale` in tiles of their transpose, `[tile of d][row][TILE]`: the left side of a
    /// product that has a row for each dimension.
    pub(crate) fn tiles_of_transpose(self, scale: f32) -> Lines {
        let mut tiles = Lines::zeros(self.d.next_multiple_of(TILE) * self.len);
        for (tile, first) in tiles
            .chunks_exact_mut((self.len * TILE).max(1))
            .zip((0..self.d).step_by(TILE))
        {
            let end = self.d.min(first + TILE);
            for (place, row) in tile.as_chunks_mut::<TILE>().0.iter_mut().zip(self.iter()) {
                for (place, value) in place.iter_mut().zip(&row[first..end]) {
                    *place = value * scale;
                }
            }
        }
        tiles
    }

    /// In panels `[panel of rows][panel of d][PANEL][PANEL]`, filled up with zeros: the right side
    /// of a product over rows.
    pub(crate) fn panels(self) -> Lines {
        let square = PANEL * PANEL;
        let by_rows = self.d.div_ceil(PANEL) * square;
        let mut panels = Lines::zeros(self.len.div_ceil(PANEL) * by_rows);
        for (number, row) in self.iter().enumerate() {
            for (panel, values) in row.chunks(PANEL).enumerate() {
                let start = number / PANEL * by_rows + panel * square + number % PANEL * PANEL;
                panels[start..start + values.len()].copy_from_slice(values);
            }
        }
        panels
    }

    /// In panels of their transpose, `[panel of rows][d][PANEL]`, filled up with zeros: the right
    /// side of a product over dimensions.
    pub(crate) fn panels_of_transpose(self) -> Lines {
        const TOGETHER: usize = 16;
        let zeros = vec![0.0; self.d];
        let mut panels = Lines::zeros(self.len.div_ceil(PANEL) * self.d * PANEL);
        for (number, panel) in panels.chunks_exact_mut((self.d * PANEL).max(1)).enumerate() {
            for first in (0..PANEL).step_by(TOGETHER) {
                let rows = self.rows::<TOGETHER>(number * PANEL + first, &zeros);
                for (x, places) in panel.as_chunks_mut::<PANEL>().0.iter_mut().enumerate() {
                    let places = places[first..].iter_mut();
                    for (place, row) in places.zip(rows) {
                        *place = row[x];
                    }
                }
            }
        }
        panels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Item 1, head 1 of `[2, 70, 2, 66]`, rows 1 to 68: whatever the order, a number stands where
    /// its definition says, and zeros where there is none.
    #[test]
    fn orders_agree_with_the_definition() {
        let (len, heads, d) = (70, 2, 66);
        let values: Vec<f32> = (0..18_480u16).map(f32::from).collect();
        let at = |row: usize, x: usize| match row < 68 && x < d {
            true => values[((len + row + 1) * heads + 1) * d + x],
            false => 0.0,
        };
        let rows = Rows::of_head(&values, [len, heads, d], 1, 1).narrow(1, 68);
        let tiles = rows.tiles(2.0);
        for (i, value) in tiles.iter().enumerate() {
            let (row, x) = (i / (6 * d) * 6 + i % 6, i / 6 % d);
            assert_eq!(*value, 2.0 * at(row, x));
        }
        let tiles = rows.tiles_of_transpose(2.0);
        for (i, value) in tiles.iter().enumerate() {
            let (row, x) = (i / 6 % 68, i / (6 * 68) * 6 + i % 6);
            assert_eq!(*value, 2.0 * at(row, x));
        }
        let panels = rows.panels();
        for (i, value) in panels.iter().enumerate() {
            let (row, x) = (i / 64 % 64 + i / 8192 * 64, i % 64 + i / 4096 % 2 * 64);
            assert_eq!(*value, at(row, x));
        }
        let panels = rows.panels_of_transpose();
        for (i, value) in panels.iter().enumerate() {
            let (row, x) = (i % 64 + i / (64 * d) * 64, i / 64 % d);
            assert_eq!(*value, at(row, x));
        }
        assert_eq!(panels.len(), 2 * d * 64);
    }
}
