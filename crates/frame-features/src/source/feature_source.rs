//! What rows of features are read from.

use std::fmt::Debug;

use half::f16;
use half::slice::HalfFloatSliceExt;

use crate::encoder::EncoderId;
use crate::error::Error;
use crate::store::FeatureStore;

/// Rows of features of one encoder, read by index: a [`FeatureStore`], several of them as one
/// ([`JoinedStores`](crate::JoinedStores)), rows in memory
/// ([`MemoryFeatures`](crate::MemoryFeatures)), or a source of your own.
///
/// Where a function asks for `&dyn FeatureSource`, a `&FeatureStore` will do.
///
/// # Example
///
/// ```no_run
/// use frame_features::{FeatureSource, FeatureStore};
///
/// let store = FeatureStore::open("features")?;
/// let source: &dyn FeatureSource = &store;
/// println!("{} rows of {} bytes by {}", source.num_rows(), source.row_bytes(), source.encoder());
/// # Ok::<(), frame_features::Error>(())
/// ```
pub trait FeatureSource: Debug + Sync {
    /// Number of rows; never 0.
    fn num_rows(&self) -> usize;

    /// Shape of a row: `[d]`, or `[locations, d]`.
    fn row_shape(&self) -> &[usize];

    /// The encoder that made the rows.
    fn encoder(&self) -> &EncoderId;

    /// Rows in the order of `indices`, where they lie.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`] past the end, or an error of the source.
    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error>;

    /// Appends rows to `values` in the order of `indices`, as f32.
    ///
    /// # Errors
    ///
    /// As [`borrow_rows`](Self::borrow_rows); `values` is then as it was.
    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        for row in self.borrow_rows(indices)? {
            let start = values.len();
            values.resize(start + row.len(), 0.0);
            row.convert_to_f32_slice(&mut values[start..]);
        }
        Ok(())
    }

    /// Bytes of a row as it is stored.
    fn row_bytes(&self) -> usize {
        self.row_shape().iter().product::<usize>() * size_of::<f16>()
    }

    /// Shape of `rows` rows as networks read them: `[rows, locations, d]`; a vector has one
    /// location.
    fn shape_of(&self, rows: usize) -> [usize; 3] {
        match *self.row_shape() {
            [locations, d] => [rows, locations, d],
            ref shape => [rows, 1, shape.iter().product()],
        }
    }
}

impl FeatureSource for FeatureStore {
    fn num_rows(&self) -> usize {
        self.len()
    }

    fn row_shape(&self) -> &[usize] {
        self.shape()
    }

    fn encoder(&self) -> &EncoderId {
        &self.info().plan.encoder
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        self.rows(indices)
    }

    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        self.read_rows(indices, values)
    }
}
