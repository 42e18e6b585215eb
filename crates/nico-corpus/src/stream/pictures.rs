use std::{path::Path, sync::Arc};

use frame_features::{FeatureSource, FeatureStore};

use crate::error::Error;

/// What is seen in an episode: rows of features, each with the time of its picture.
///
/// Clones share the rows.
///
/// ```
/// use frame_features::{EncoderId, Layer, MemoryFeatures};
/// use nico_comments::{Comment, Vpos};
/// use nico_corpus::stream::{Dialogue, Episode, EpisodePictures};
///
/// let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Output, 224);
/// let rows = MemoryFeatures::from_f32(encoder, [2], &[0.5, 1.0, 1.5, 2.0])?;
/// let episode = Episode::new("show/01", [Comment::new(Vpos(120), "草")], Dialogue::default())
///     .with_pictures(EpisodePictures::new(rows, [0, 5_000])?);
/// let mut values = Vec::new();
/// for picture in episode.past_of(0).pictures() {
///     picture.append_to(&mut values)?; // of the first one only: the other comes later
/// }
/// assert_eq!(values, [0.5, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EpisodePictures {
    rows: Arc<dyn FeatureSource + Send>,
    /// Of each row, never descending.
    millis: Arc<[i64]>,
}

/// A picture of an episode.
#[derive(Clone, Copy, Debug)]
pub struct EpisodePicture<'a> {
    /// Its row.
    pub row: usize,
    /// When it is shown, milliseconds of the video.
    pub millis: i64,
    rows: &'a dyn FeatureSource,
}

impl EpisodePicture<'_> {
    /// Appends its features to `values`.
    ///
    /// # Errors
    ///
    /// Fails if the row cannot be read.
    pub fn append_to(&self, values: &mut Vec<f32>) -> Result<(), Error> {
        Ok(self.rows.append_rows(&[self.row], values)?)
    }
}

impl EpisodePictures {
    /// Rows whose pictures are shown at these times, milliseconds of the video.
    ///
    /// # Errors
    ///
    /// Fails if there is not a time for each row, and if the times descend.
    pub fn new(
        rows: impl FeatureSource + Send + 'static,
        millis: impl IntoIterator<Item = i64>,
    ) -> Result<Self, Error> {
        let millis: Arc<[i64]> = millis.into_iter().collect();
        if millis.len() != rows.num_rows() || !millis.is_sorted() {
            return Err(Error::Option {
                option: "number of times of pictures",
                value: millis.len().to_string(),
                expected: "a time for each row, never descending",
            });
        }
        Ok(Self {
            rows: Arc::new(rows),
            millis,
        })
    }

    /// Opens a feature store, memory-mapped; its video begins with the episode.
    ///
    /// # Errors
    ///
    /// Fails if the folder is no complete store.
    pub fn open(store: impl AsRef<Path>) -> Result<Self, Error> {
        let store = FeatureStore::open(store)?;
        let times = store.info().times_from_start();
        Self::new(store, times.into_iter().map(to_millis))
    }

    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.millis.len()
    }

    /// Whether there are none: a source has at least one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.millis.is_empty()
    }

    /// The rows of features: their shape, and the encoder that made them.
    #[must_use]
    pub fn source(&self) -> &dyn FeatureSource {
        &*self.rows
    }

    /// A picture by its row; none past the end.
    #[must_use]
    pub fn picture(&self, row: usize) -> Option<EpisodePicture<'_>> {
        Some(EpisodePicture {
            row,
            millis: *self.millis.get(row)?,
            rows: &*self.rows,
        })
    }

    /// Number of the pictures that have been shown at a moment.
    pub(super) fn num_shown(&self, millis: i64) -> usize {
        self.millis.partition_point(|shown| *shown <= millis)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn to_millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use frame_features::{EncoderId, Layer, MemoryFeatures};

    use super::*;

    #[test]
    fn times_that_fit_no_rows_are_refused() {
        let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Output, 32);
        let rows = || MemoryFeatures::from_f32(encoder.clone(), [1], &[1.0, 2.0]).unwrap();
        assert!(EpisodePictures::new(rows(), [0, 0]).is_ok());
        for times in [vec![0], vec![1, 0], vec![0, 1, 2]] {
            let error = EpisodePictures::new(rows(), times).unwrap_err();
            assert!(error.to_string().contains("a time for each row"), "{error}");
        }
    }
}
