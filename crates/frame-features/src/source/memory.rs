//! Rows in memory.

use half::f16;

use super::feature_source::FeatureSource;
use crate::encoder::EncoderId;
use crate::error::Error;
use crate::half_precision::to_f16;

/// Features in memory: rows that the program has made, without a folder.
///
/// # Example
///
/// ```
/// use frame_features::{EncoderId, FeatureSource, Layer, MemoryFeatures};
///
/// let mine = EncoderId::new("mine", "0".repeat(64), Layer::Output, 224);
/// let features = MemoryFeatures::from_f32(mine, [2], &[0.5, 1.0, 1.5, 2.0])?;
/// assert_eq!(features.num_rows(), 2);
/// let mut values = Vec::new();
/// features.append_rows(&[1, 0, 1], &mut values)?;
/// assert_eq!(values, [1.5, 2.0, 0.5, 1.0, 1.5, 2.0]);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryFeatures {
    encoder: EncoderId,
    shape: Vec<usize>,
    row_len: usize,
    values: Vec<f16>,
}

impl MemoryFeatures {
    /// Rows of `shape`, `[d]` or `[locations, d]`, one after the other in `values`.
    ///
    /// # Errors
    ///
    /// [`Error::RowShape`] if the values are not whole rows of the shape, at least one;
    /// [`Error::NotANumber`] if one is none.
    pub fn new(
        encoder: EncoderId,
        shape: impl Into<Vec<usize>>,
        values: Vec<f16>,
    ) -> Result<Self, Error> {
        let shape = shape.into();
        let row_len = shape.iter().product();
        if row_len == 0 || values.is_empty() || !values.len().is_multiple_of(row_len) {
            let values = values.len();
            return Err(Error::RowShape { values, shape });
        }
        if let Some(index) = values.iter().position(|value| value.is_nan()) {
            return Err(Error::NotANumber { index });
        }
        Ok(Self {
            encoder,
            shape,
            row_len,
            values,
        })
    }

    /// As [`new`](Self::new), rounded to what a [`FeatureStore`](crate::FeatureStore) would keep:
    /// values beyond f16's range become its largest.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_f32(
        encoder: EncoderId,
        shape: impl Into<Vec<usize>>,
        values: &[f32],
    ) -> Result<Self, Error> {
        Self::new(encoder, shape, to_f16(values))
    }
}

impl FeatureSource for MemoryFeatures {
    fn num_rows(&self) -> usize {
        self.values.len() / self.row_len
    }

    fn row_shape(&self) -> &[usize] {
        &self.shape
    }

    fn encoder(&self) -> &EncoderId {
        &self.encoder
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let row = |&row: &usize| {
            let start = row.checked_mul(self.row_len);
            start
                .and_then(|start| self.values.get(start..)?.get(..self.row_len))
                .ok_or_else(|| Error::no_such_row(row, self.num_rows()))
        };
        indices.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;

    fn encoder() -> EncoderId {
        EncoderId::new("mine", "0".repeat(64), Layer::Output, 32)
    }

    #[test]
    fn what_are_no_rows_is_refused() {
        for (shape, values) in [(vec![2], 3), (vec![2], 0), (vec![0], 4), (vec![2, 3], 4)] {
            let error = MemoryFeatures::from_f32(encoder(), shape, &vec![1.0; values]);
            assert!(matches!(error, Err(Error::RowShape { .. })), "{error:?}");
        }
        let error = MemoryFeatures::from_f32(encoder(), [1], &[1.0, f32::NAN]);
        assert!(matches!(error, Err(Error::NotANumber { index: 1 })));
    }

    #[test]
    fn rows_are_read_as_a_store_would_keep_them() {
        let features = MemoryFeatures::from_f32(encoder(), [2, 1], &[1e9, 0.1, 2.0, 3.0]).unwrap();
        assert_eq!(features.shape_of(2), [2, 2, 1]);
        assert_eq!(features.row_bytes(), 4);
        let mut values = vec![9.0];
        features.append_rows(&[0], &mut values).unwrap();
        assert_eq!(values, [9.0, 65504.0, f16::from_f32(0.1).to_f32()]);
        let error = features.append_rows(&[0, 2], &mut values).unwrap_err();
        assert!(
            matches!(
                error,
                Error::NoSuchRow {
                    row: 2,
                    rows: 2,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(values.len(), 3, "nothing is left of a failed read");
    }
}
