//! Whether features tell pictures apart.

use std::collections::HashSet;

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::feature_source::FeatureSource;
use crate::error::Error;

/// Pictures that are looked at: enough for a share that does not depend on which.
const MOST: usize = 64;
/// Fewer different pictures say nothing about an encoder.
const FEWEST: usize = 8;
/// Features that vary by less than this share are as good as constant. Trained encoders have 0.01 to
/// 0.9 on videos in which something happens; see `docs/encoder.md`.
const ALMOST_CONSTANT: f64 = 1e-3;

/// Spread of features: how much rows differ from each other, against how large their numbers are.
///
/// An encoder with the wrong weights, or with none, gives nearly the same features for every
/// picture; a model that learns from them learns nothing of the pictures, and nothing else shows it.
/// [`measure`](Self::measure) looks at 64 pictures at most, spread over the rows, so that it costs
/// the same for a long video as for a short one.
///
/// # Example
///
/// ```
/// use frame_features::{EncoderId, FeatureSpread, Layer, MemoryFeatures};
///
/// let id = EncoderId::new("mine", "0".repeat(64), Layer::Output, 32);
/// let rows: Vec<f32> = (0..20).flat_map(|row| [1.0, 1.0 + row as f32 / 1e4]).collect();
/// let features = MemoryFeatures::from_f32(id, [2], &rows)?;
/// let spread = FeatureSpread::measure(&features)?.expect("20 pictures are enough");
/// assert!(spread.is_almost_constant());
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FeatureSpread {
    /// Share of the rows' mean square that lies between the rows, 0 to 1: the variance of each
    /// number over the rows, summed over the numbers, divided by the sum of their mean squares. 0
    /// if all numbers are 0.
    pub share: f64,
    /// Pictures that were looked at.
    pub pictures: usize,
}

impl FeatureSpread {
    /// Measures the spread of some rows. Nothing if there are fewer than eight pictures among them:
    /// rows that share the features of the row before them
    /// ([`DuplicateFrames`](crate::DuplicateFrames)) are no pictures of their own, so a video of one
    /// picture says nothing.
    ///
    /// # Errors
    ///
    /// An error of the source.
    pub fn measure(source: &dyn FeatureSource) -> Result<Option<Self>, Error> {
        let rows = pictures(source)?;
        if rows.len() < FEWEST {
            return Ok(None);
        }
        let mut values = vec![0.0_f32; rows[0].len()];
        let mut sums = vec![0.0_f64; values.len()];
        let mut square = 0.0;
        for row in &rows {
            row.convert_to_f32_slice(&mut values);
            for (sum, &value) in sums.iter_mut().zip(&values) {
                *sum += f64::from(value);
                square += f64::from(value).powi(2);
            }
        }
        let count = f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let of_means: f64 = sums.iter().map(|sum| sum * sum / count).sum();
        let share = if square > 0.0 {
            (1.0 - of_means / square).max(0.0)
        } else {
            0.0
        };
        Ok(Some(Self {
            share,
            pictures: rows.len(),
        }))
    }

    /// Whether the features are nearly the same for every picture: the share is below 0.001. Either
    /// the encoder sees nothing in these pictures, or there is nothing in them to be seen.
    #[must_use]
    pub fn is_almost_constant(&self) -> bool {
        self.share < ALMOST_CONSTANT
    }
}

/// Rows whose features are their own, some of them if there are many.
fn pictures(source: &dyn FeatureSource) -> Result<Vec<&[f16]>, Error> {
    let rows = source.num_rows();
    let mut indices: Vec<usize> = if rows <= 4 * MOST {
        (0..rows).collect()
    } else {
        (1..=4 * MOST)
            .map(|number| scattered(number, rows))
            .collect()
    };
    indices.sort_unstable();
    let mut seen = HashSet::new();
    let mut pictures = Vec::new();
    for index in indices {
        // A row is compared with the one before it by where their features lie.
        let pair = source.borrow_rows(&[index.saturating_sub(1), index])?;
        let [before, row] = pair[..] else {
            continue; // a source that does not give what was asked for
        };
        let is_new = index == 0 || before.as_ptr() != row.as_ptr();
        if is_new && seen.insert(row.as_ptr()) {
            pictures.push(row);
        }
    }
    if pictures.len() <= MOST {
        return Ok(pictures);
    }
    // Not every so many: those may all show the same of things that come in turn.
    let mut chosen: Vec<usize> = (1..=MOST)
        .map(|number| scattered(number, pictures.len()))
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen.into_iter().map(|index| pictures[index]).collect())
}

/// Numbers of `0..rows` that lie evenly, by the golden ratio, and in step with nothing: the first
/// row of a store's block has a copy of the features that it shares.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a part of `rows`, which is a usize"
)]
fn scattered(number: usize, rows: usize) -> usize {
    let place = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((u128::from(place) * rows as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::EncoderId;
    use crate::layer::Layer;
    use crate::source::MemoryFeatures;

    fn spread(rows: &[[f32; 2]]) -> Option<FeatureSpread> {
        let id = EncoderId::new("numbers", "0".repeat(64), Layer::Output, 32);
        let features = MemoryFeatures::from_f32(id, [2], rows.as_flattened()).unwrap();
        FeatureSpread::measure(&features).unwrap()
    }

    /// Of (3, 1) and (3, −1) in turn, the mean square is 10 and the variance 1.
    #[test]
    fn the_share_is_variance_by_mean_square() {
        let rows: Vec<_> = (0..200)
            .map(|row| [3.0, if row % 2 == 0 { 1.0 } else { -1.0 }])
            .collect();
        let found = spread(&rows).unwrap();
        assert!((found.share - 0.1).abs() < 0.02, "{found:?}");
        assert!((50..=64).contains(&found.pictures), "{found:?}");
        assert!(!found.is_almost_constant());
    }

    #[test]
    fn encoders_that_see_nothing_are_told() {
        for rows in [[[0.0, 0.0]; 30], [[700.0, -3.0]; 30]] {
            let found = spread(&rows).unwrap();
            assert!(
                found.share < 1e-9 && found.is_almost_constant(),
                "{found:?}"
            );
        }
    }

    #[test]
    fn few_pictures_say_nothing() {
        assert_eq!(spread(&[[1.0, 2.0]; 7]), None);
        assert!(spread(&[[1.0, 2.0]; 8]).is_some());
    }
}
