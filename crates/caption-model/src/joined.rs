use burn::tensor::f16;
use frame_features::FeatureStore;

use crate::{error::Error, folder::Encoder, source::FeatureSource};

/// The stores of several videos as one: the rows of the first, then those of the second, and so on.
///
/// ```no_run
/// use caption_metrics::Pairs;
/// use caption_model::JoinedStores;
/// use frame_features::FeatureStore;
///
/// let stores = [FeatureStore::open("first")?, FeatureStore::open("second")?];
/// let joined = JoinedStores::new(&stores)?;
/// let mut pairs = Pairs::new(30);
/// pairs.push(joined.row(1, 7), &[12, 5]); // row 7 of the second video
/// # Ok::<(), caption_model::Error>(())
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
    /// Fails without stores and if one comes from another encoder than the first or has rows of another shape.
    pub fn new(stores: impl IntoIterator<Item = &'a FeatureStore>) -> Result<Self, Error> {
        let stores: Vec<_> = stores.into_iter().collect();
        let Some(first) = stores.first() else {
            return Err(Error::Option {
                option: "the number of feature stores",
                value: "0".into(),
                expected: "1 or more",
            });
        };
        for store in &stores {
            let (found, expected) = (Encoder::of(store), Encoder::of(first));
            if found != expected || store.shape() != first.shape() {
                return Err(Error::model(
                    store.path(),
                    format!(
                        "holds features {:?} of {found}, but {} holds {:?} of {expected}; extract both alike",
                        store.shape(),
                        first.path().display(),
                        first.shape()
                    ),
                ));
            }
        }
        let mut starts = vec![0];
        for store in &stores {
            starts.push(starts[starts.len() - 1] + store.len());
        }
        Ok(Self { stores, starts })
    }

    /// The joined row of row `row` of store `store`, both from 0.
    ///
    /// # Panics
    ///
    /// Panics if there is no such store.
    pub fn row(&self, store: usize, row: usize) -> usize {
        assert!(store < self.stores.len(), "there is no store {store}");
        self.starts[store] + row
    }

    /// The store that a joined row belongs to and its row in there; nothing past the end.
    pub fn place(&self, row: usize) -> Option<(usize, usize)> {
        let store = self.starts.partition_point(|&start| start <= row) - 1;
        (store < self.stores.len()).then(|| (store, row - self.starts[store]))
    }

    /// The stores.
    pub fn stores(&self) -> &[&'a FeatureStore] {
        &self.stores
    }

    fn find(&self, row: usize) -> Result<(&'a FeatureStore, usize), Error> {
        let (store, row) = self.place(row).ok_or_else(|| {
            let last = self.stores[self.stores.len() - 1];
            Error::Features(frame_features::Error::NoSuchRow {
                path: last.path().to_owned(),
                row,
                rows: self.num_rows(),
            })
        })?;
        Ok((self.stores[store], row))
    }
}

impl FeatureSource for JoinedStores<'_> {
    fn num_rows(&self) -> usize {
        self.starts[self.stores.len()]
    }

    fn row_shape(&self) -> &[usize] {
        self.stores[0].shape()
    }

    fn encoder(&self) -> Encoder {
        Encoder::of(self.stores[0])
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let mut rows = Vec::with_capacity(indices.len());
        for run in self.runs(indices) {
            let (store, within) = self.run(run)?;
            rows.extend(store.rows(&within)?);
        }
        Ok(rows)
    }

    fn append_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        let before = values.len();
        let mut append = || -> Result<(), Error> {
            for run in self.runs(indices) {
                let (store, within) = self.run(run)?;
                store.read_rows(&within, values)?;
            }
            Ok(())
        };
        let appended = append();
        if appended.is_err() {
            values.truncate(before);
        }
        appended
    }
}

impl<'a> JoinedStores<'a> {
    /// Neighbouring indices that lie in the same store are asked of it together.
    fn runs<'i>(&self, indices: &'i [usize]) -> impl Iterator<Item = &'i [usize]> {
        let store_of = |row: usize| self.starts.partition_point(|&start| start <= row);
        indices.chunk_by(move |&one, &other| store_of(one) == store_of(other))
    }

    fn run(&self, run: &[usize]) -> Result<(&'a FeatureStore, Vec<usize>), Error> {
        let (store, first) = self.find(run[0])?;
        let start = run[0] - first;
        Ok((store, run.iter().map(|&row| row - start).collect()))
    }
}
