//! The seconds of a video: their rows, their mean features, and how near the beginning and the end
//! are.

use frame_features::FeatureStore;

use crate::error::Error;

/// How fast the bursts at the beginning and at the end of a video die away, seconds.
const BURST: f64 = 5.0;
/// Rows of a store that are read for a second, at most.
const ROWS_A_SECOND: usize = 4;

/// A second of a video.
pub(super) struct Second {
    pub(super) number: usize,
    /// Its rows of the store.
    pub(super) rows: std::ops::Range<usize>,
    /// 1, and how near the beginning and the end are.
    pub(super) bursts: [f64; 3],
}

/// The seconds of a video, from its first frame on. A second without a frame of its own has the row
/// before it.
pub(super) fn all_seconds(store: &FeatureStore) -> Vec<Second> {
    let times = store.info().times_from_start();
    let length = store.info().duration; // from the first frame on
    let row_at = |time: f64| times.partition_point(|&row| row < time - 1e-9);
    let count = whole(length.ceil()).max(1);
    (0..count)
        .map(|number| {
            let from = number as f64;
            let middle = (from + 0.5).min(length);
            Second {
                number,
                rows: match row_at(from)..row_at(from + 1.0) {
                    none if none.is_empty() => none.start.saturating_sub(1)..none.start.max(1),
                    own => own,
                },
                bursts: [
                    1.0,
                    (-middle / BURST).exp(),
                    (-(length - middle).max(0.0) / BURST).exp(),
                ],
            }
        })
        .collect()
}

/// The whole seconds of which every row is counted, and their comments. Seconds that share a row
/// share its comments.
pub(super) fn counted_seconds(
    store: &FeatureStore,
    comments: &[Option<u32>],
) -> (Vec<Second>, Vec<f64>) {
    let mut seconds = all_seconds(store);
    let mut sharing = vec![0u32; comments.len()];
    for second in &seconds {
        sharing[second.rows.clone()]
            .iter_mut()
            .for_each(|seconds| *seconds += 1);
    }
    seconds.pop(); // it may be shorter
    seconds
        .into_iter()
        .filter_map(|second| {
            let rows = second.rows.clone();
            let counted = comments[rows.clone()].iter().zip(&sharing[rows]);
            let part = |(count, &seconds): (&Option<u32>, &u32)| {
                Some(f64::from((*count)?) / f64::from(seconds))
            };
            Some((second, counted.map(part).sum::<Option<f64>>()?))
        })
        .unzip()
}

/// The mean features of each second: over some of its frames, and over the locations.
pub(super) fn second_features(
    store: &FeatureStore,
    seconds: &[Second],
) -> Result<Vec<Vec<f32>>, Error> {
    let size = store.shape().last().copied().unwrap_or(1).max(1);
    let mut values = Vec::new();
    seconds
        .iter()
        .map(|second| {
            let count = second.rows.len().clamp(1, ROWS_A_SECOND);
            let rows: Vec<usize> = (0..count)
                .map(|index| second.rows.start + index * second.rows.len() / count)
                .collect();
            values.clear();
            store.read_rows(&rows, &mut values)?;
            let mut mean = vec![0.0; size];
            for location in values.chunks_exact(size) {
                for (mean, value) in mean.iter_mut().zip(location) {
                    *mean += value;
                }
            }
            let number = (values.len() / size).max(1);
            mean.iter_mut().for_each(|mean| *mean /= to_f32(number));
            Ok(mean)
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths in seconds, which `as` holds within what a usize has"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[expect(clippy::cast_precision_loss, reason = "a number of locations")]
fn to_f32(number: usize) -> f32 {
    number as f32
}
