use std::fmt::Debug;

use burn::tensor::f16;
use frame_features::FeatureStore;

use crate::{error::Error, folder::Encoder};

/// Rows of features that a network reads: a [`FeatureStore`], or several of them as one ([`JoinedStores`](crate::JoinedStores)).
///
/// Where a function asks for `&dyn FeatureSource`, a `&FeatureStore` will do.
///
/// ```no_run
/// use caption_model::FeatureSource;
/// use frame_features::FeatureStore;
///
/// let store = FeatureStore::open("features")?;
/// let source: &dyn FeatureSource = &store;
/// println!("{} rows of {} bytes", source.num_rows(), source.row_bytes());
/// # Ok::<(), frame_features::Error>(())
/// ```
pub trait FeatureSource: Debug + Sync {
    /// Number of rows; never 0.
    fn num_rows(&self) -> usize;

    /// Shape of a row: `[d]`, or `[locations, d]`.
    fn row_shape(&self) -> &[usize];

    /// What the rows were made with.
    fn encoder(&self) -> Encoder;

    /// Rows in the order of `indices`, where they lie.
    ///
    /// # Errors
    ///
    /// Fails if there is no such row.
    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error>;

    /// Appends rows to `values` in the order of `indices`, as f32.
    ///
    /// # Errors
    ///
    /// Fails if there is no such row.
    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error>;

    /// Bytes of a row as it is stored.
    fn row_bytes(&self) -> usize {
        self.row_shape().iter().product::<usize>() * size_of::<f16>()
    }

    /// Shape of `rows` rows as a network reads them: `[rows, locations, d]`; a vector has one location.
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

    fn encoder(&self) -> Encoder {
        Encoder::of(self)
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        Ok(self.rows(indices)?)
    }

    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        Ok(self.read_rows(indices, values)?)
    }
}
