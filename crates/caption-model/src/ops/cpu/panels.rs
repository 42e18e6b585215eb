//! Matrices in the order in which products read them.

use rayon::prelude::*;

use super::product::PANEL;

/// Copies `matrix`, `[depth, columns]`, into panels `[panel][depth][PANEL]`, filled up with zeros.
pub(super) fn pack(matrix: &[f32], depth: usize, columns: usize) -> Vec<f32> {
    let mut panels = vec![0.0; columns.div_ceil(PANEL) * depth * PANEL];
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

/// The inverse of [`pack`], times `scale`, into rows of `columns` numbers.
pub(super) fn unpack(panels: &[f32], depth: usize, columns: usize, scale: f32) -> Vec<f32> {
    let mut matrix = vec![0.0; depth * columns];
    if columns == 0 {
        return matrix;
    }
    matrix
        .par_chunks_mut(columns)
        .enumerate()
        .for_each(|(row, places)| {
            for (number, places) in places.chunks_mut(PANEL).enumerate() {
                let panel = &panels[(number * depth + row) * PANEL..];
                for (place, value) in places.iter_mut().zip(panel) {
                    *place = value * scale;
                }
            }
        });
    matrix
}

/// The transpose of `matrix`, `[rows, columns]` with its rows `stride` apart, into `transposed`, `[columns, rows]` with its
/// rows `stride_transposed` apart.
pub(super) fn transpose(
    matrix: &[f32],
    rows: usize,
    columns: usize,
    stride: usize,
    transposed: &mut [f32],
    stride_transposed: usize,
) {
    const TILE: usize = 16;
    for first_row in (0..rows).step_by(TILE) {
        for first in (0..columns).step_by(TILE) {
            for column in first..columns.min(first + TILE) {
                for row in first_row..rows.min(first_row + TILE) {
                    transposed[column * stride_transposed + row] = matrix[row * stride + column];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x 40: the second panel has 8 columns, and comes back as it was, doubled.
    #[test]
    fn panels_come_back() {
        let matrix: Vec<f32> = (0..120u8).map(f32::from).collect();
        let panels = pack(&matrix, 3, 40);
        assert_eq!(panels.len(), 2 * 3 * PANEL);
        assert_eq!(panels[PANEL..PANEL + 3], [40.0, 41.0, 42.0]);
        let doubled: Vec<f32> = matrix.iter().map(|value| 2.0 * value).collect();
        assert_eq!(unpack(&panels, 3, 40, 2.0), doubled);
    }

    /// [[1, 2, 3], [4, 5, 6]] becomes [[1, 4], [2, 5], [3, 6]].
    #[test]
    fn transposes() {
        let mut transposed = [0.0; 6];
        transpose(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3, 3, &mut transposed, 2);
        assert_eq!(transposed, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
