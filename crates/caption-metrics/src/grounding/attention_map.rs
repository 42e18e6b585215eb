use super::bounding_box::BoundingBox;

/// How much finer the map is made before its peak is sought: 16 pixels of a 224-pixel picture are a
/// cell of 14.
const FINER: f64 = 16.0;

/// The middle of a picture, the pointing game's simplest baseline.
pub(crate) const CENTRE: [f64; 2] = [0.5, 0.5];

/// Attention map: weights over a square grid of locations, row by row.
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
    side: usize,
}

impl<'a> AttentionMap<'a> {
    /// Map of these weights; `None` unless they fill a square.
    pub fn new(weights: &'a [f32]) -> Option<Self> {
        let side = weights.len().isqrt();
        (side > 0 && side * side == weights.len()).then_some(Self { weights, side })
    }

    /// Argmax of the map after bilinear enlargement by 16, as a point from the left and from the
    /// top in shares of the picture.
    ///
    /// Pixels are squares: pixel `i` of the fine map stands at `(i + ½) / 16 − ½` of the coarse
    /// one, whose border is continued outwards. Between four cells the fine map is linear in each
    /// direction, so its greatest pixels are among the four around each cell's middle, and no other
    /// has to be computed. Of equal pixels it is the first of those, row by row.
    pub fn peak(&self) -> [f64; 2] {
        let aside = 0.5 / FINER; // from a cell's middle to the nearest pixels, in cells
        let (mut best, mut peak) = (f64::NEG_INFINITY, CENTRE);
        for row in 0..self.side {
            for column in 0..self.side {
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
                        peak = [(x + 0.5) / self.side as f64, (y + 0.5) / self.side as f64];
                    }
                }
            }
        }
        peak
    }

    /// The share of the weights inside a region; a cell that lies partly in it counts with that
    /// part.
    pub fn mass_in(&self, region: &BoundingBox) -> f64 {
        let side = self.side as f64;
        let part = |cell: usize, from: f64, to: f64| {
            let cell = cell as f64;
            ((to * side).min(cell + 1.0) - (from * side).max(cell)).max(0.0)
        };
        let rows = self.weights.chunks_exact(self.side).enumerate();
        rows.map(|(row, weights)| {
            let across: f64 = weights
                .iter()
                .enumerate()
                .map(|(column, &weight)| {
                    f64::from(weight) * part(column, region.left, region.right)
                })
                .sum();
            across * part(row, region.top, region.bottom)
        })
        .sum()
    }

    /// Total variation distance to another map, half the summed differences: 0 for the same, 1 for
    /// maps that share no location.
    ///
    /// # Panics
    ///
    /// Panics if the maps have different sizes.
    pub fn total_variation(&self, other: &AttentionMap<'_>) -> f64 {
        assert_eq!(self.side, other.side, "maps of one model");
        let pairs = self.weights.iter().zip(other.weights);
        pairs.map(|(&a, &b)| f64::from(a - b).abs()).sum::<f64>() / 2.0
    }

    /// Entropy over its largest value, log L: 1 for an even map, 0 for a single location.
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
        let last = (self.side - 1) as f64;
        let cells = |at: f64| {
            let at = at.clamp(0.0, last);
            (
                at as usize,
                (at as usize + 1).min(self.side - 1),
                at.fract(),
            )
        };
        let ((left, right, across), (top, bottom, down)) = (cells(x), cells(y));
        let weight = |row: usize, column: usize| f64::from(self.weights[row * self.side + column]);
        let line = |row| weight(row, left) * (1.0 - across) + weight(row, right) * across;
        line(top) * (1.0 - down) + line(bottom) * down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pixel of the enlarged map, one after the other.
    fn exhaustive_maximum(map: &AttentionMap<'_>) -> f64 {
        let pixels = map.side * 16;
        let at = |pixel: usize| (pixel as f64 + 0.5) / 16.0 - 0.5;
        (0..pixels * pixels)
            .map(|i| map.value(at(i % pixels), at(i / pixels)))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn peak_is_the_greatest_of_all_pixels() {
        let mut seed = 7u32;
        for side in [1, 2, 3, 5, 8] {
            let weights: Vec<f32> = (0..side * side)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 8) as f32
                })
                .collect();
            let map = AttentionMap::new(&weights).unwrap();
            let [x, y] = map.peak().map(|at| at * side as f64 - 0.5);
            assert_eq!(map.value(x, y), exhaustive_maximum(&map), "side {side}");
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
