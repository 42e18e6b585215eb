//! Several stores as one.

use half::f16;

use super::feature_source::FeatureSource;
use crate::encoder::EncoderId;
use crate::error::Error;
use crate::store::FeatureStore;

/// The stores of several videos as one: the rows of the first, then those of the second, and so on.
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
    stores: Vec<&'a FeatureStore>,
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
        let first = *stores.first().ok_or(Error::NoStores)?;
        let mut starts = vec![0];
        for store in &stores {
            check_same(store, first)?;
            starts.push(starts[starts.len() - 1] + store.len());
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

    /// The stores.
    #[must_use]
    pub fn stores(&self) -> &[&'a FeatureStore] {
        &self.stores
    }

    /// Neighbouring indices that lie in the same store are asked of it together.
    fn runs<'i>(&self, indices: &'i [usize]) -> impl Iterator<Item = &'i [usize]> {
        let store_of = |row: usize| self.starts.partition_point(|&start| start <= row);
        indices.chunk_by(move |&one, &other| store_of(one) == store_of(other))
    }

    /// The store of a run and the rows in there.
    fn find(&self, run: &[usize]) -> Result<(&'a FeatureStore, Vec<usize>), Error> {
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

fn check_same(store: &FeatureStore, first: &FeatureStore) -> Result<(), Error> {
    let (found, wanted) = (store.encoder(), first.encoder());
    let (what, found, wanted) = if !found.matches(wanted) {
        ("encoder", found.to_string(), wanted.to_string())
    } else if store.shape() != first.shape() {
        let [found, wanted] = [store, first].map(|store| format!("{:?}", store.shape()));
        ("rows of shape", found, wanted)
    } else {
        return Ok(());
    };
    Err(Error::StoreMismatch {
        path: store.path().to_owned(),
        what,
        found,
        wanted,
    })
}

impl FeatureSource for JoinedStores<'_> {
    fn num_rows(&self) -> usize {
        self.starts[self.stores.len()]
    }

    fn row_shape(&self) -> &[usize] {
        self.stores[0].shape()
    }

    fn encoder(&self) -> &EncoderId {
        self.stores[0].encoder()
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let mut rows = Vec::with_capacity(indices.len());
        for run in self.runs(indices) {
            let (store, within) = self.find(run)?;
            rows.extend(store.rows(&within)?);
        }
        Ok(rows)
    }

    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        let before = values.len();
        let appended = self.runs(indices).try_for_each(|run| {
            let (store, within) = self.find(run)?;
            store.read_rows(&within, values)
        });
        if appended.is_err() {
            values.truncate(before);
        }
        appended
    }
}
