use super::bounding_box::BoundingBox;

/// How much finer the map is made before its peak is sought: 16 pixels of a 224-pixel picture are a
/// cell of 14.
const FINER: f64 = 16.0;

/// The middle of a picture, the pointing game's simplest baseline.
pub(crate) const CENTRE: [f64; 2] = [0.5, 0.5];

/// Attention map: weights over a grid of locations, row by row.
///
/// ```
/// use caption_metrics::{AttentionMap, BoundingBox};
///
/// let map = AttentionMap::new(&[0.1, 0.7, 0.1, 0.1]).expect("two by two");
/// let [x, y] = map.peak();
/// assert!(x > 0.5 && y < 0.5); // the upper right cell
/// let right = BoundingBox { left: 0.5, top: 0.0, right: 1.0, bottom: 1.0 };
/// assert!((map.mass_in(&right) - 0.8).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AttentionMap<'a> {
    weights: &'a [f32],
    rows: usize,
    columns: usize,
}

impl<'a> AttentionMap<'a> {
    /// Map of these weights with as many columns as rows; `None` unless they fill a square.
    #[must_use]
    pub fn new(weights: &'a [f32]) -> Option<Self> {
        let side = weights.len().isqrt();
        Self::with_grid(weights, side, side)
    }

    /// Map of these weights; `None` unless they fill so many rows and columns.
    ///
    /// ```
    /// use caption_metrics::AttentionMap;
    ///
    /// let map = AttentionMap::with_grid(&[0.1, 0.1, 0.8], 1, 3).expect("a row of three");
    /// assert!(map.peak()[0] > 2.0 / 3.0);
    /// ```
    #[must_use]
    pub fn with_grid(weights: &'a [f32], rows: usize, columns: usize) -> Option<Self> {
        let filled = !weights.is_empty() && rows.checked_mul(columns) == Some(weights.len());
        filled.then_some(Self {
            weights,
            rows,
            columns,
        })
    }

    /// Argmax of the map after bilinear enlargement by 16, as a point from the left and from the
    /// top in shares of the picture.
    ///
    /// Pixels are squares: pixel `i` of the fine map stands at `(i + ½) / 16 − ½` of the coarse
    /// one, whose border is continued outwards. Between four cells the fine map is linear in each
    /// direction, so its greatest pixels are among the four around each cell's middle, and no other
    /// has to be computed. Of equal pixels it is the first of those, row by row.
    #[must_use]
    pub fn peak(&self) -> [f64; 2] {
        let aside = 0.5 / FINER; // from a cell's middle to the nearest pixels, in cells
        let (mut best, mut peak) = (f64::NEG_INFINITY, CENTRE);
        for row in 0..self.rows {
            for column in 0..self.columns {
                for (down, right) in [
                    (-aside, -aside),
                    (-aside, aside),
                    (aside, -aside),
                    (aside, aside),
                ] {
                    let [y, x] = [row as f64 + down, column as f64 + right];
                    let value = self.value(x, y);
                    if value > best {
                        best = value;
                        let (columns, rows) = (self.columns as f64, self.rows as f64);
                        peak = [(x + 0.5) / columns, (y + 0.5) / rows];
                    }
                }
            }
        }
        peak
    }

    /// The share of the weights inside a region; a cell that lies partly in it counts with that
    /// part.
    #[must_use]
    pub fn mass_in(&self, region: &BoundingBox) -> f64 {
        let part = |cell: usize, cells: usize, from: f64, to: f64| {
            let (cell, cells) = (cell as f64, cells as f64);
            ((to * cells).min(cell + 1.0) - (from * cells).max(cell)).max(0.0)
        };
        let rows = self.weights.chunks_exact(self.columns).enumerate();
        rows.map(|(row, weights)| {
            let across: f64 = weights
                .iter()
                .enumerate()
                .map(|(column, &weight)| {
                    f64::from(weight) * part(column, self.columns, region.left, region.right)
                })
                .sum();
            across * part(row, self.rows, region.top, region.bottom)
        })
        .sum()
    }

    /// Total variation distance to another map, half the summed differences: 0 for the same, 1 for
    /// maps that share no location.
    ///
    /// # Panics
    ///
    /// Panics if the maps have different sizes.
    #[must_use]
    pub fn total_variation(&self, other: &AttentionMap<'_>) -> f64 {
        let sides = |map: &AttentionMap<'_>| (map.rows, map.columns);
        assert_eq!(sides(self), sides(other), "maps of one model");
        let pairs = self.weights.iter().zip(other.weights);
        pairs.map(|(&a, &b)| f64::from(a - b).abs()).sum::<f64>() / 2.0
    }

    /// Entropy over its largest value, log L: 1 for an even map, 0 for a single location.
    #[must_use]
    pub fn relative_entropy(&self) -> f64 {
        if self.weights.len() == 1 {
            return 0.0;
        }
        let weights = self.weights.iter().map(|&weight| f64::from(weight));
        let entropy: f64 = weights
            .filter(|&weight| weight > 0.0)
            .map(|weight| -weight * weight.ln())
            .sum();
        entropy / (self.weights.len() as f64).ln()
    }

    /// The map between its cells; `x` and `y` in cells, 0 the middle of the first.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the grid"
    )]
    fn value(&self, x: f64, y: f64) -> f64 {
        let cells = |at: f64, cells: usize| {
            let last = cells - 1;
            let at = at.clamp(0.0, last as f64);
            (at as usize, (at as usize + 1).min(last), at.fract())
        };
        let (left, right, across) = cells(x, self.columns);
        let (top, bottom, down) = cells(y, self.rows);
        let weight = |row: usize, column: usize| {
            let row = &self.weights[row * self.columns..][..self.columns];
            f64::from(row[column])
        };
        let line = |row| weight(row, left) * (1.0 - across) + weight(row, right) * across;
        line(top) * (1.0 - down) + line(bottom) * down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pixel of the enlarged map, one after the other.
    fn exhaustive_maximum(map: &AttentionMap<'_>) -> f64 {
        let (across, down) = (map.columns * 16, map.rows * 16);
        let at = |pixel: usize| (pixel as f64 + 0.5) / 16.0 - 0.5;
        (0..across * down)
            .map(|i| map.value(at(i % across), at(i / across)))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn peak_is_the_greatest_of_all_pixels() {
        let mut seed = 7u32;
        for (rows, columns) in [(1, 1), (2, 2), (3, 3), (5, 5), (8, 8), (1, 6), (7, 3)] {
            let weights: Vec<f32> = (0..rows * columns)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 8) as f32
                })
                .collect();
            let map = AttentionMap::with_grid(&weights, rows, columns).unwrap();
            let [x, y] = map.peak();
            let found = map.value(x * columns as f64 - 0.5, y * rows as f64 - 0.5);
            let greatest = exhaustive_maximum(&map);
            assert!(
                (found - greatest).abs() <= 1e-9 * greatest,
                "{rows}x{columns}"
            );
        }
    }

    /// A 2x2 map: the left half of the picture holds all of the first column and the box over the
    /// middle a quarter of each cell.
    #[test]
    fn mass_counts_cells_in_part() {
        let map = AttentionMap::new(&[0.4, 0.3, 0.2, 0.1]).unwrap();
        let region = |left, top, right, bottom| BoundingBox {
            left,
            top,
            right,
            bottom,
        };
        assert!((map.mass_in(&region(0.0, 0.0, 0.5, 1.0)) - 0.6).abs() < 1e-6);
        assert!((map.mass_in(&region(0.25, 0.25, 0.75, 0.75)) - 0.25).abs() < 1e-6);
        assert!((map.mass_in(&region(0.0, 0.0, 1.0, 1.0)) - 1.0).abs() < 1e-6);
        assert_eq!(map.mass_in(&region(0.5, 0.5, 0.5, 0.5)), 0.0);
    }

    /// Two rows of three: the left third of the picture holds the first column, the upper half the
    /// first row.
    #[test]
    fn maps_need_not_be_squares() {
        let weights = [0.1, 0.2, 0.3, 0.05, 0.15, 0.2];
        let map = AttentionMap::with_grid(&weights, 2, 3).unwrap();
        let region = |right, bottom| BoundingBox {
            left: 0.0,
            top: 0.0,
            right,
            bottom,
        };
        assert!((map.mass_in(&region(1.0 / 3.0, 1.0)) - 0.15).abs() < 1e-6);
        assert!((map.mass_in(&region(1.0, 0.5)) - 0.6).abs() < 1e-6);
        let [x, y] = map.peak();
        assert!(x > 2.0 / 3.0 && y < 0.5);
        assert!(AttentionMap::new(&weights).is_none());
        assert!(AttentionMap::with_grid(&weights, 2, 2).is_none());
        assert!(AttentionMap::with_grid(&[], 0, 3).is_none());
    }

    /// Half of |0.5 − 0.25| · 4 is 0.5 where two of four locations hold all; their entropy is log 2
    /// of log 4.
    #[test]
    fn differences_and_entropies_of_known_maps() {
        let even = AttentionMap::new(&[0.25; 4]).unwrap();
        let left = AttentionMap::new(&[0.5, 0.0, 0.5, 0.0]).unwrap();
        assert_eq!(even.total_variation(&left), 0.5);
        assert_eq!(even.total_variation(&even), 0.0);
        assert_eq!(even.relative_entropy(), 1.0);
        assert_eq!(left.relative_entropy(), 0.5);
        assert!(AttentionMap::new(&[0.2; 5]).is_none());
        assert!(AttentionMap::new(&[]).is_none());
    }
}
