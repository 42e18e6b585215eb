//! Matrices in the order in which products read them.

use rayon::prelude::*;

use super::{
    lines::Lines,
    product::{PANEL, TILE},
};

/// Copies `matrix`, `[depth, columns]`, into panels `[panel][depth][PANEL]`, filled up with zeros:
/// the right side of a product.
pub(crate) fn panels(matrix: &[f32], depth: usize, columns: usize) -> Lines {
    let mut panels = Lines::zeros(columns.div_ceil(PANEL) * depth * PANEL);
    if depth == 0 {
        return panels;
    }
    panels
        .par_chunks_mut(depth * PANEL)
        .enumerate()
        .for_each(|(number, panel)| {
            let first = number * PANEL;
            let width = PANEL.min(columns - first);
            for (row, place) in panel.chunks_exact_mut(PANEL).enumerate() {
                place[..width].copy_from_slice(&matrix[row * columns + first..][..width]);
            }
        });
    panels
}

/// The same of the transpose of `matrix`, `[columns, depth]`, with zeros up to `depth_filled`.
pub(crate) fn panels_of_transpose(
    matrix: &[f32],
    columns: usize,
    depth: usize,
    depth_filled: usize,
) -> Lines {
    let mut panels = Lines::zeros(columns.div_ceil(PANEL) * depth_filled * PANEL);
    panels
        .par_chunks_mut((depth_filled * PANEL).max(1))
        .enumerate()
        .for_each(|(number, panel)| {
            let first = number * PANEL;
            let width = PANEL.min(columns - first);
            panel
                .par_chunks_mut(PANEL * PANEL)
                .enumerate()
                .for_each(|(number, square)| {
                    let place = number * PANEL;
                    let places = PANEL.min(depth.saturating_sub(place));
                    if places > 0 {
                        let matrix = &matrix[first * depth + place..];
                        transpose(matrix, width, places, depth, square);
                    }
                });
        });
    panels
}

/// Copies `matrix`, `[rows, depth]` with its rows `stride` apart, into tiles `[tile][depth][TILE]`,
/// filled up with zeros: the left side of a product.
pub(crate) fn tiles(matrix: &[f32], rows: usize, depth: usize, stride: usize) -> Lines {
    let mut tiles = Lines::zeros(rows.next_multiple_of(TILE) * depth);
    for (number, tile) in tiles.chunks_exact_mut((depth * TILE).max(1)).enumerate() {
        for row in 0..TILE.min(rows - number * TILE) {
            let values = &matrix[(number * TILE + row) * stride..][..depth];
            for (place, value) in tile.as_chunks_mut::<TILE>().0.iter_mut().zip(values) {
                place[row] = *value;
            }
        }
    }
    tiles
}

/// The same of the transpose of `matrix`, `[depth, rows]`.
pub(crate) fn tiles_of_transpose(matrix: &[f32], rows: usize) -> Lines {
    let depth = matrix.len() / rows.max(1);
    let mut tiles = Lines::zeros(rows.next_multiple_of(TILE) * depth);
    tiles
        .par_chunks_mut((depth * TILE).max(1))
        .enumerate()
        .for_each(|(number, tile)| {
            let width = TILE.min(rows - number * TILE);
            for (place, values) in tile.chunks_exact_mut(TILE).zip(matrix.chunks_exact(rows)) {
                place[..width].copy_from_slice(&values[number * TILE..][..width]);
            }
        });
    tiles
}

/// What a product left, `[panel][row][PANEL]` with its rows filled up to whole tiles, times
/// `scale`, as `[rows, columns]`.
pub(crate) fn unpack(sums: &[f32], rows: usize, columns: usize, scale: f32) -> Vec<f32> {
    let mut matrix = vec![0.0; rows * columns];
    if columns == 0 {
        return matrix;
    }
    let panel = rows.next_multiple_of(TILE) * PANEL;
    matrix
        .par_chunks_mut(columns)
        .enumerate()
        .for_each(|(row, places)| {
            for (places, sums) in places.chunks_mut(PANEL).zip(sums.chunks_exact(panel)) {
                for (place, sum) in places.iter_mut().zip(&sums[row * PANEL..]) {
                    *place = sum * scale;
                }
            }
        });
    matrix
}

/// The transpose of `matrix`, `[rows, columns]` with its rows `stride` apart, into rows of
/// [`PANEL`].
fn transpose(matrix: &[f32], rows: usize, columns: usize, stride: usize, transposed: &mut [f32]) {
    const SQUARE: usize = 16;
    for first_row in (0..rows).step_by(SQUARE) {
        for first in (0..columns).step_by(SQUARE) {
            for column in first..columns.min(first + SQUARE) {
                for row in first_row..rows.min(first_row + SQUARE) {
                    transposed[column * PANEL + row] = matrix[row * stride + column];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x 80: the second panel has 16 columns; what comes back of a product has three rows of
    /// whole tiles.
    #[test]
    fn panels_come_back() {
        let matrix: Vec<f32> = (0..240u8).map(f32::from).collect();
        let panels = panels(&matrix, 3, 80);
        assert_eq!(panels.len(), 2 * 3 * PANEL);
        assert_eq!(panels[PANEL..PANEL + 3], [80.0, 81.0, 82.0]);
        assert_eq!(panels[3 * PANEL..][..3], [64.0, 65.0, 66.0]);
        assert_eq!(panels[3 * PANEL + 16..4 * PANEL], [0.0; PANEL - 16]);
        let mut sums = vec![-1.0; 2 * TILE * PANEL];
        for (sums, panel) in sums
            .chunks_exact_mut(TILE * PANEL)
            .zip(panels.chunks_exact(3 * PANEL))
        {
            sums[..3 * PANEL].copy_from_slice(panel);
        }
        let doubled: Vec<f32> = matrix.iter().map(|value| 2.0 * value).collect();
        assert_eq!(unpack(&sums, 3, 80, 2.0), doubled);
    }

    /// 7 x 2, rows (0, 1), (2, 3), … by column; and the same as the transpose of 2 x 7.
    #[test]
    fn tiles_go_by_column() {
        let matrix: Vec<f32> = (0..14u8).map(f32::from).collect();
        let expected = [
            [0.0, 2.0, 4.0, 6.0, 8.0, 10.0],
            [1.0, 3.0, 5.0, 7.0, 9.0, 11.0],
            [12.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [13.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ];
        assert_eq!(&tiles(&matrix, 7, 2, 2)[..], expected.as_flattened());
        let transposed: Vec<f32> = (0..14).map(|i| matrix[i % 7 * 2 + i / 7]).collect();
        assert_eq!(
            &tiles_of_transpose(&transposed, 7)[..],
            expected.as_flattened()
        );
        assert!(tiles(&[], 0, 0, 0).is_empty() && tiles_of_transpose(&[], 0).is_empty());
    }

    /// 70 x 3 with columns 0 to 69: two panels; the depth filled up to four.
    #[test]
    fn panels_of_a_transpose() {
        let matrix: Vec<f32> = (0..210u8).map(f32::from).collect();
        let panels = panels_of_transpose(&matrix, 70, 3, 4);
        assert_eq!(panels.len(), 2 * 4 * PANEL);
        assert_eq!(panels[..3], [0.0, 3.0, 6.0]);
        assert_eq!(panels[2 * PANEL..][..2], [2.0, 5.0]);
        assert_eq!(panels[3 * PANEL..4 * PANEL], [0.0; PANEL]);
        assert_eq!(
            panels[4 * PANEL + 4..][..3],
            [64.0 * 3.0 + 12.0, 207.0, 0.0]
        );
    }
}
