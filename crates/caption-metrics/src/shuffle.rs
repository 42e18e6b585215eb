use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::pairs::Pairs;

/// The same comments under pictures of other moments: each pair gets a random row whose time is far
/// from its own.
///
/// The difference in negative log-likelihood to the true pictures is the
/// [`VisualGain`](crate::VisualGain). `times` are the rows' times in seconds, ascending. Rows at
/// least `min_seconds_apart` seconds away are drawn evenly; where a video is too short for that,
/// rows at least half as far away as the farthest.
///
/// # Panics
///
/// Panics if a pair's row has no time.
///
/// ```
/// let times: Vec<f64> = (0..200).map(f64::from).collect();
/// let mut pairs = caption_metrics::Pairs::new(30);
/// pairs.push(10, &[4]);
/// let shuffled = caption_metrics::shuffled_pictures(&pairs, &times, 60.0, 1);
/// assert!(shuffled.get(0).row >= 70);
/// ```
#[must_use]
pub fn shuffled_pictures(pairs: &Pairs, times: &[f64], min_seconds_apart: f64, seed: u64) -> Pairs {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return pairs.clone();
    };
    pairs.with_rows(|_, row| {
        let time = times[row];
        let apart = min_seconds_apart.min((time - first).max(last - time) / 2.0);
        // Rows are in order of time: the near ones are one run.
        let before = times.partition_point(|&other| other <= time - apart);
        let after = times.partition_point(|&other| other < time + apart);
        let far = before + (times.len() - after);
        if far == 0 {
            return row;
        }
        let drawn = rng.random_range(0..far);
        if drawn < before {
            drawn
        } else {
            after + (drawn - before)
        }
    })
}
