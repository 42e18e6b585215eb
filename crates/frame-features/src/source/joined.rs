//! Several stores, or other sources, as one.

use half::f16;

use super::feature_source::FeatureSource;
use crate::encoder::EncoderId;
use crate::error::Error;
use crate::store::FeatureStore;

/// The stores of several videos as one: the rows of the first, then those of the second, and so on.
/// Other sources are joined by [`of_sources`](Self::of_sources).
///
/// # Example
///
/// ```no_run
/// use frame_features::{FeatureSource, FeatureStore, JoinedStores};
///
/// let stores = [FeatureStore::open("first")?, FeatureStore::open("second")?];
/// let joined = JoinedStores::new(&stores)?;
/// let rows = joined.borrow_rows(&[joined.row(1, 7)])?; // row 7 of the second video
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JoinedStores<'a> {
    stores: Vec<&'a dyn FeatureSource>,
    /// First row of each store, and the number of rows of all.
    starts: Vec<usize>,
}

impl<'a> JoinedStores<'a> {
    /// Joins stores of one encoder, layer and size.
    ///
    /// # Errors
    ///
    /// [`Error::NoStores`] without stores, [`Error::StoreMismatch`] if one comes from another
    /// encoder than the first or has rows of another shape.
    pub fn new(stores: impl IntoIterator<Item = &'a FeatureStore>) -> Result<Self, Error> {
        let stores: Vec<_> = stores.into_iter().collect();
        let sources = stores.iter().map(|&store| store as &dyn FeatureSource);
        Self::join(sources.collect(), |index, difference| {
            let Difference {
                what,
                found,
                wanted,
            } = difference;
            Error::StoreMismatch {
                path: stores[index].path().to_owned(),
                what,
                found,
                wanted,
            }
        })
    }

    /// As [`new`](Self::new), of sources of whatever kind, such as the rows of several videos in
    /// memory.
    ///
    /// # Errors
    ///
    /// [`Error::NoStores`] without sources, [`Error::SourceMismatch`] if one comes from another
    /// encoder than the first or has rows of another shape.
    ///
    /// # Example
    ///
    /// ```
    /// use frame_features::{EncoderId, FeatureSource, JoinedStores, Layer, MemoryFeatures};
    ///
    /// let mine = EncoderId::new("mine", "0".repeat(64), Layer::Output, 224);
    /// let first = MemoryFeatures::from_f32(mine.clone(), [2], &[0.5, 1.0, 1.5, 2.0])?;
    /// let second = MemoryFeatures::from_f32(mine, [2], &[2.5, 3.0])?;
    /// let joined = JoinedStores::of_sources([&first as &dyn FeatureSource, &second])?;
    /// assert_eq!(joined.num_rows(), 3);
    /// let mut values = Vec::new();
    /// joined.append_rows(&[joined.row(1, 0), joined.row(0, 1)], &mut values)?;
    /// assert_eq!(values, [2.5, 3.0, 1.5, 2.0]);
    /// # Ok::<(), frame_features::Error>(())
    /// ```
    pub fn of_sources(
        sources: impl IntoIterator<Item = &'a dyn FeatureSource>,
    ) -> Result<Self, Error> {
        Self::join(sources.into_iter().collect(), |index, difference| {
            Error::SourceMismatch {
                number: index + 1,
                what: difference.what,
                found: difference.found,
                wanted: difference.wanted,
            }
        })
    }

    /// Joins sources; `mismatch` is the error of the one of an index that differs from the first.
    fn join(
        stores: Vec<&'a dyn FeatureSource>,
        mismatch: impl Fn(usize, Difference) -> Error,
    ) -> Result<Self, Error> {
        let first = *stores.first().ok_or(Error::NoStores)?;
        let mut starts = vec![0];
        for (index, &store) in stores.iter().enumerate() {
            if let Some(difference) = Difference::between(store, first) {
                return Err(mismatch(index, difference));
            }
            starts.push(starts[index] + store.num_rows());
        }
        Ok(Self { stores, starts })
    }

    /// The joined row of row `row` of store `store`, both from 0.
    ///
    /// # Panics
    ///
    /// Panics if there is no such store.
    #[must_use]
    pub fn row(&self, store: usize, row: usize) -> usize {
        assert!(store < self.stores.len(), "there is no store {store}");
        self.starts[store] + row
    }

    /// The store that a joined row belongs to and its row in there; nothing past the end.
    #[must_use]
    pub fn place(&self, row: usize) -> Option<(usize, usize)> {
        let store = self.starts.partition_point(|&start| start <= row) - 1;
        (store < self.stores.len()).then(|| (store, row - self.starts[store]))
    }

    /// The stores, or other sources.
    #[must_use]
    pub fn stores(&self) -> &[&'a dyn FeatureSource] {
        &self.stores
    }

    /// Neighbouring indices that lie in the same store are asked of it together.
    fn runs<'i>(&self, indices: &'i [usize]) -> impl Iterator<Item = &'i [usize]> {
        let store_of = |row: usize| self.starts.partition_point(|&start| start <= row);
        indices.chunk_by(move |&one, &other| store_of(one) == store_of(other))
    }

    /// The store of a run and the rows in there.
    fn find(&self, run: &[usize]) -> Result<(&'a dyn FeatureSource, Vec<usize>), Error> {
        let (store, _) = self
            .place(run[0])
            .ok_or_else(|| Error::no_such_row(run[0], self.num_rows()))?;
        let start = self.starts[store];
        Ok((
            self.stores[store],
            run.iter().map(|row| row - start).collect(),
        ))
    }
}

/// In what a source differs from the first one.
struct Difference {
    what: &'static str,
    found: String,
    wanted: String,
}

impl Difference {
    fn between(store: &dyn FeatureSource, first: &dyn FeatureSource) -> Option<Self> {
        let (found, wanted) = (store.encoder(), first.encoder());
        let (what, found, wanted) = if !found.matches(wanted) {
            ("encoder", found.to_string(), wanted.to_string())
        } else if store.row_shape() != first.row_shape() {
            let [found, wanted] = [store, first].map(|store| format!("{:?}", store.row_shape()));
            ("rows of shape", found, wanted)
        } else {
            return None;
        };
        Some(Self {
            what,
            found,
            wanted,
        })
    }
}

impl FeatureSource for JoinedStores<'_> {
    fn num_rows(&self) -> usize {
        self.starts[self.stores.len()]
    }

    fn row_shape(&self) -> &[usize] {
        self.stores[0].row_shape()
    }

    fn encoder(&self) -> &EncoderId {
        self.stores[0].encoder()
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let mut rows = Vec::with_capacity(indices.len());
        for run in self.runs(indices) {
            let (store, within) = self.find(run)?;
            rows.extend(store.borrow_rows(&within)?);
        }
        Ok(rows)
    }

    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        let before = values.len();
        let appended = self.runs(indices).try_for_each(|run| {
            let (store, within) = self.find(run)?;
            store.append_rows(&within, values)
        });
        if appended.is_err() {
            values.truncate(before);
        }
        appended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layer;
    use crate::source::MemoryFeatures;

    #[test]
    fn sources_of_different_shapes_are_not_joined() {
        let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Output, 32);
        let one = MemoryFeatures::from_f32(encoder.clone(), [2], &[1.0; 4]).unwrap();
        let other = MemoryFeatures::from_f32(encoder, [1], &[1.0; 4]).unwrap();
        let error = JoinedStores::of_sources([&one as &dyn FeatureSource, &other]).unwrap_err();
        assert!(
            matches!(error, Error::SourceMismatch { number: 2, .. }),
            "{error}"
        );
    }
}
