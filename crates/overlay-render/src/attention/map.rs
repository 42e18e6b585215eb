use serde::{Deserialize, Serialize};

use crate::error::{Error, MapProblem};
use crate::limits::{MAX_CELLS, MAX_SIDE};

/// How far the paper's pictures are smoothed: its program enlarges maps of 14x14 by 16 and filters
/// them with a Gaussian of a standard deviation of 20 pixels, which is 1.25 locations.
pub const PAPER_SMOOTHING: f32 = 20.0 / 16.0;

/// What becomes white and what black.
///
/// ```
/// assert_eq!(overlay_render::Contrast::default(), overlay_render::Contrast::Stretched);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contrast {
    /// The largest weight is white and the smallest black, as in the paper. Shows how maps differ,
    /// and makes of an almost even map as strong a picture as of any other: [`AttentionMap::peak`]
    /// tells them apart.
    #[default]
    Stretched,
    /// The largest weight is white and 0 is black: an even map is white everywhere.
    FromZero,
}

/// Attention weights over the locations of a picture, row by row from the top left.
///
/// ```
/// use overlay_render::{AttentionMap, Contrast};
///
/// let map = AttentionMap::new(2, 1, vec![0.9, 0.1])?;
/// assert!((map.peak() - 1.8).abs() < 1e-6); // 1.8 times what an even map would have
/// let brightness = map.enlarged(8, 4, 0.0, Contrast::Stretched)?;
/// assert_eq!((brightness[0], brightness[7]), (1.0, 0.0)); // the left edge, the right edge
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub struct AttentionMap {
    columns: usize,
    rows: usize,
    weights: Vec<f32>,
}

/// A map as it stands in files, not checked yet.
#[derive(Serialize, Deserialize)]
struct Raw {
    columns: usize,
    rows: usize,
    weights: Vec<f32>,
}

impl TryFrom<Raw> for AttentionMap {
    type Error = Error;

    fn try_from(raw: Raw) -> Result<Self, Error> {
        Self::new(raw.columns, raw.rows, raw.weights)
    }
}

impl From<AttentionMap> for Raw {
    fn from(map: AttentionMap) -> Self {
        let AttentionMap {
            columns,
            rows,
            weights,
        } = map;
        Self {
            columns,
            rows,
            weights,
        }
    }
}

impl AttentionMap {
    /// A map of `columns` x `rows` locations.
    ///
    /// # Errors
    ///
    /// [`Error::AttentionMap`] if a side is 0 or above 1,024, if there are more or fewer weights
    /// than locations, and if one is negative or no number.
    pub fn new(columns: usize, rows: usize, weights: Vec<f32>) -> Result<Self, Error> {
        let refuse = |problem| Err(Error::AttentionMap { problem });
        if !(1..=MAX_CELLS).contains(&columns) || !(1..=MAX_CELLS).contains(&rows) {
            return refuse(MapProblem::Size { columns, rows });
        }
        if weights.len() != columns * rows {
            return refuse(MapProblem::Count {
                weights: weights.len(),
                columns,
                rows,
            });
        }
        let bad = |weight: &&f32| !(**weight >= 0.0 && weight.is_finite());
        match weights.iter().find(bad) {
            Some(&weight) => refuse(MapProblem::Weight(weight)),
            None => Ok(Self {
                columns,
                rows,
                weights,
            }),
        }
    }

    /// A map of as many columns as rows, as VGG-19 makes them of square pictures.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and if the number of weights is no square.
    pub fn square(weights: Vec<f32>) -> Result<Self, Error> {
        let side = weights.len().isqrt();
        Self::new(side, side, weights)
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The weights, row by row.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// The largest weight over the mean one: 1 for an even map, the number of locations for one
    /// that looks at a single one.
    #[must_use]
    pub fn peak(&self) -> f32 {
        let largest = self.weights.iter().copied().fold(0.0, f32::max);
        let sum: f32 = self.weights.iter().sum();
        if sum > 0.0 {
            largest / sum * to_f32(self.weights.len())
        } else {
            1.0
        }
    }

    /// The weighted mean of maps of one size; nothing without maps, with weights that are all 0, or
    /// if the sizes differ.
    ///
    /// ```
    /// use overlay_render::AttentionMap;
    ///
    /// let left = AttentionMap::new(2, 1, vec![1.0, 0.0])?;
    /// let right = AttentionMap::new(2, 1, vec![0.0, 1.0])?;
    /// let mixed = AttentionMap::mean([(3.0, &left), (1.0, &right)]).expect("maps of one size");
    /// assert_eq!(mixed.weights(), [0.75, 0.25]);
    /// # Ok::<(), overlay_render::Error>(())
    /// ```
    #[must_use]
    pub fn mean<'a>(maps: impl IntoIterator<Item = (f32, &'a Self)>) -> Option<Self> {
        let mut sum: Option<Self> = None;
        let mut total = 0.0;
        for (share, map) in maps {
            let sum = sum.get_or_insert_with(|| Self {
                weights: vec![0.0; map.weights.len()],
                ..*map
            });
            if (sum.columns, sum.rows) != (map.columns, map.rows) {
                return None;
            }
            for (sum, weight) in sum.weights.iter_mut().zip(&map.weights) {
                *sum += share * weight;
            }
            total += share;
        }
        let mut mean = sum.filter(|_| total > 0.0 && total.is_finite())?;
        mean.weights.iter_mut().for_each(|weight| *weight /= total);
        Some(mean)
    }

    /// The map enlarged to a picture of `width` x `height` pixels: a brightness of 0 to 1 for each,
    /// row by row.
    ///
    /// `smoothing` is the standard deviation of the Gaussian filter, in locations: 0 interpolates
    /// linearly between the centres of the locations, [`PAPER_SMOOTHING`] is the paper's.
    /// Interpolation and filter are one: a Gaussian whose variance is the sum of both. At the edges
    /// the weights of what is there are made to add up to 1. An even map becomes 1/2 everywhere if
    /// it is [stretched](Contrast::Stretched).
    ///
    /// # Errors
    ///
    /// [`Error::PictureSize`] if a side is 0 or longer than [`MAX_SIDE`], [`Error::OutOfRange`] if
    /// `smoothing` is negative, above 1,024 or no number.
    pub fn enlarged(
        &self,
        width: u32,
        height: u32,
        smoothing: f32,
        contrast: Contrast,
    ) -> Result<Vec<f32>, Error> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(Error::PictureSize { width, height });
        }
        if !(0.0..=to_f32(MAX_CELLS)).contains(&smoothing) {
            return Err(Error::OutOfRange {
                what: "smoothing",
                found: smoothing.into(),
                expected: "0 to 1,024 locations",
            });
        }
        let (width, height) = (width as usize, height as usize);
        let across = taps(self.columns, width, smoothing);
        let mut wide = Vec::with_capacity(width * self.rows);
        for row in self.weights.chunks_exact(self.columns) {
            wide.extend(across.iter().map(|taps| taps.weigh(row)));
        }
        let mut picture = vec![0.0; width * height];
        let down = taps(self.rows, height, smoothing);
        for (line, taps) in picture.chunks_exact_mut(width).zip(&down) {
            let rows = wide[taps.first * width..].chunks_exact(width);
            for (row, weight) in rows.zip(&taps.weights) {
                for (pixel, value) in line.iter_mut().zip(row) {
                    *pixel += weight * value;
                }
            }
        }
        stretch(&mut picture, contrast);
        Ok(picture)
    }
}

/// Brings values to 0 … 1.
fn stretch(picture: &mut [f32], contrast: Contrast) {
    let largest = picture.iter().copied().fold(0.0, f32::max);
    let (low, even) = match contrast {
        Contrast::Stretched => (picture.iter().copied().fold(f32::INFINITY, f32::min), 0.5),
        Contrast::FromZero => (0.0, if largest > 0.0 { 1.0 } else { 0.0 }),
    };
    let range = largest - low;
    // Rounding alone makes differences of a millionth.
    if range <= largest * 1e-5 {
        picture.fill(even);
        return;
    }
    for value in picture {
        *value = ((*value - low) / range).clamp(0.0, 1.0);
    }
}

/// The cells that make a pixel, and their weights.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Taps {
    fn weigh(&self, cells: &[f32]) -> f32 {
        let cells = &cells[self.first..];
        cells
            .iter()
            .zip(&self.weights)
            .map(|(cell, weight)| cell * weight)
            .sum()
    }
}

/// For each of `pixels` the cells around it: a triangle of two cells' width, or a Gaussian of as
/// much variance more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cells are counted from 0 to MAX_CELLS"
)]
fn taps(cells: usize, pixels: usize, smoothing: f32) -> Vec<Taps> {
    let variance = smoothing * smoothing + 1.0 / 6.0; // a triangle of two cells' width has 1/6
    let reach = if smoothing > 0.0 {
        3.0 * variance.sqrt()
    } else {
        1.0
    };
    let kernel = |distance: f32| {
        if smoothing > 0.0 {
            (-distance * distance / (2.0 * variance)).exp()
        } else {
            (1.0 - distance.abs()).max(0.0)
        }
    };
    (0..pixels)
        .map(|pixel| {
            let centre = (to_f32(pixel) + 0.5) * to_f32(cells) / to_f32(pixels) - 0.5; // in cells
            let first = ((centre - reach).ceil().max(0.0) as usize).min(cells - 1);
            let last = ((centre + reach).floor().max(0.0) as usize).clamp(first, cells - 1);
            let mut weights: Vec<f32> = (first..=last)
                .map(|cell| kernel(to_f32(cell) - centre))
                .collect();
            let total: f32 = weights.iter().sum();
            if total > 0.0 {
                weights.iter_mut().for_each(|weight| *weight /= total);
            } else {
                let even = 1.0 / to_f32(weights.len());
                weights.fill(even); // beyond the outermost centre, by less than a cell
            }
            Taps { first, weights }
        })
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of cells and pixels, below 2^24"
)]
fn to_f32(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cells on four pixels: the centres of the cells lie at 1 and 3, pixels at 0.5, 1.5, 2.5,
    /// 3.5. The outer pixels lie beyond the centres and have their cell's value; the inner ones are
    /// a quarter of the way.
    #[test]
    fn without_smoothing_it_is_linear_interpolation() {
        let map = AttentionMap::new(2, 1, vec![0.0, 1.0]).unwrap();
        let enlarged = map.enlarged(4, 1, 0.0, Contrast::Stretched).unwrap();
        for (found, expected) in enlarged.iter().zip([0.0, 0.25, 0.75, 1.0]) {
            assert!((found - expected).abs() < 1e-6, "{enlarged:?}");
        }
    }

    /// The peak of a smoothed map stays where it was, and brightness falls off to all sides alike.
    #[test]
    fn smoothing_keeps_the_place() {
        let mut weights = vec![0.0; 49];
        weights[3 * 7 + 3] = 1.0;
        let map = AttentionMap::square(weights).unwrap();
        let picture = map
            .enlarged(70, 70, PAPER_SMOOTHING, Contrast::Stretched)
            .unwrap();
        let at = |x: usize, y: usize| picture[y * 70 + x];
        let brightest = (0..picture.len()).max_by(|&a, &b| picture[a].total_cmp(&picture[b]));
        let (x, y) = brightest.map(|i| (i % 70, i / 70)).unwrap();
        assert!((34..=35).contains(&x) && (34..=35).contains(&y), "{x} {y}");
        assert!((at(20, 35) - at(49, 35)).abs() < 1e-3);
        assert!((at(35, 20) - at(20, 35)).abs() < 1e-3);
        assert!(at(34, 34) > at(25, 34) && at(25, 34) > at(15, 34));
    }

    #[test]
    fn an_even_map_is_no_picture() {
        let map = AttentionMap::square(vec![1.0 / 196.0; 196]).unwrap();
        assert!((map.peak() - 1.0).abs() < 1e-4);
        for (contrast, even) in [(Contrast::Stretched, 0.5), (Contrast::FromZero, 1.0)] {
            let picture = map.enlarged(64, 48, PAPER_SMOOTHING, contrast).unwrap();
            assert!(picture.iter().all(|&value| (value - even).abs() < 1e-5));
        }
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for (columns, rows, weights) in [
            (0, 0, vec![]),
            (2, 2, vec![0.5; 3]),
            (1, 1, vec![f32::NAN]),
            (1, 1, vec![-0.5]),
            (2_000, 1, vec![0.0; 2_000]),
        ] {
            let error = AttentionMap::new(columns, rows, weights).unwrap_err();
            assert!(matches!(error, Error::AttentionMap { .. }), "{error}");
        }
        assert!(AttentionMap::square(vec![0.1; 10]).is_err());
        let map = AttentionMap::square(vec![1.0]).unwrap();
        assert!(map.enlarged(0, 4, 1.0, Contrast::Stretched).is_err());
        for smoothing in [f32::NAN, -1.0, f32::INFINITY] {
            let refused = map.enlarged(4, 1, smoothing, Contrast::Stretched);
            assert!(matches!(refused, Err(Error::OutOfRange { .. })));
        }
    }

    #[test]
    fn maps_of_files_are_checked() {
        let good = r#"{"columns":2,"rows":1,"weights":[0.25,0.75]}"#;
        let map: AttentionMap = serde_json::from_str(good).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), good);
        let bad = serde_json::from_str::<AttentionMap>(r#"{"columns":2,"rows":2,"weights":[1]}"#);
        assert!(bad.unwrap_err().to_string().contains("2x2"));
    }
}
