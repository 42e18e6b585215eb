//! Shuffling for disks that cannot jump about: within windows of neighbouring rows.

use std::collections::BTreeMap;

use frame_features::FeatureSource;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use caption_metrics::Pairs;

use super::plan::by_length;

/// Shuffling of the pairs of an epoch.
///
/// ```
/// use caption_train::Shuffle;
///
/// let shuffle: Shuffle = serde_json::from_str(r#"{"windows":4096}"#)?;
/// assert_eq!(shuffle, Shuffle::Windows(4096));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shuffle {
    /// All pairs with all, unless the features are larger than half of the memory that is
    /// available; then windows of an eighth of it. What was chosen stands in the checkpoint, so
    /// that a training goes on as it began.
    #[default]
    Auto,
    /// All pairs with all: a batch reads rows from everywhere.
    Everywhere,
    /// Windows of so many neighbouring rows are taken in random order, and pairs are mixed within
    /// each: features are read from one part of the disk at a time. See [`plan_in_windows`].
    Windows(usize),
}

impl Shuffle {
    /// Rows of a window for these features; nothing where all pairs are mixed with all.
    pub(crate) fn window_rows(self, source: &dyn FeatureSource) -> Option<usize> {
        match self {
            Self::Everywhere => None,
            Self::Windows(rows) => Some(rows.max(1)),
            Self::Auto => automatic(source.num_rows(), source.row_bytes(), available_memory()?),
        }
    }
}

fn automatic(num_rows: usize, row_bytes: usize, available: usize) -> Option<usize> {
    let bytes = num_rows.saturating_mul(row_bytes);
    (bytes > available / 2).then(|| (available / 8 / row_bytes.max(1)).max(1))
}

/// Memory that a program can have without others being swapped out, bytes, and no more than its
/// container allows; nothing where the system does not say.
fn available_memory() -> Option<usize> {
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse().ok()); // "max" is none
    free_memory().map(|free| free.min(limit.unwrap_or(usize::MAX)))
}

fn free_memory() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The batches of one epoch, window by window: every pair once, comments of equal length together.
///
/// The rows are cut into windows of `window_rows`, at places that differ between epochs; the
/// windows are taken in random order, and the pairs of each are planned as
/// [`plan_batches`](crate::plan_batches) plans all of them. So the features of a batch come from
/// one window and those of the following batches from the same one: memory for two windows is
/// enough, however large the store. The last batch of a window may be small. The same seed and
/// epoch give the same plan.
///
/// ```
/// let mut pairs = caption_metrics::Pairs::new(30);
/// for row in 0..100 {
///     pairs.push(row, &[9]);
/// }
/// for batch in caption_train::plan_in_windows(&pairs, 8, 20, 7, 0) {
///     let rows = || batch.iter().map(|&index| pairs.get(index).row);
///     assert!(rows().max().unwrap() - rows().min().unwrap() < 20);
/// }
/// ```
#[must_use]
pub fn plan_in_windows(
    pairs: &Pairs,
    batch_size: usize,
    window_rows: usize,
    seed: u64,
    epoch: u64,
) -> Vec<Vec<usize>> {
    let window_rows = window_rows.max(1);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch);
    let offset = rng.random_range(0..window_rows);
    let mut windows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, pair) in pairs.iter().enumerate() {
        let window = (pair.row + offset) / window_rows;
        windows.entry(window).or_default().push(index);
    }
    let mut windows: Vec<Vec<usize>> = windows.into_values().collect();
    windows.shuffle(&mut rng);
    windows
        .into_iter()
        .flat_map(|window| by_length(pairs, window, batch_size, &mut rng))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10,000 rows of 100 bytes are 1 MB. With 4 MB available they are mixed everywhere; with 1 MB
    /// they are more than its half, and a window is an eighth of it: 1,250 rows.
    #[test]
    fn windows_come_when_memory_is_short() {
        assert_eq!(automatic(10_000, 100, 4_000_000), None);
        assert_eq!(automatic(10_000, 100, 1_000_000), Some(1_250));
        assert_eq!(automatic(10, 100, 0), Some(1));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_how_much_memory_there_is() {
        assert!(available_memory().unwrap() > 1 << 20);
    }

    /// Reads are local: whatever the batch, its rows and those of the batches until the next window
    /// lie within one window, every pair comes once, and a window that was left never comes again.
    #[test]
    fn reads_stay_in_a_window_and_each_pair_comes_once() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut pairs = Pairs::new(30);
        for _ in 0..3_000 {
            pairs.push(
                rng.random_range(0..1_000),
                &vec![5; rng.random_range(1..=9)],
            );
        }
        let rows = 100;
        for epoch in 0..3 {
            let plan = plan_in_windows(&pairs, 16, rows, 11, epoch);
            let mut seen: Vec<usize> = plan.iter().flatten().copied().collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..pairs.len()).collect::<Vec<_>>());
            let range = |batch: &Vec<usize>| {
                let rows = || batch.iter().map(|&index| pairs.get(index).row);
                (rows().min().unwrap(), rows().max().unwrap())
            };
            // Merge neighbouring batches while they fit into one window: no more visits than
            // windows.
            let mut visits = 1;
            let (mut low, mut high) = range(&plan[0]);
            for batch in &plan {
                let (first, last) = range(batch);
                assert!(last - first < rows, "{first} to {last}");
                let (joined_low, joined_high) = (low.min(first), high.max(last));
                (low, high) = if joined_high - joined_low < rows {
                    (joined_low, joined_high)
                } else {
                    visits += 1;
                    (first, last)
                };
            }
            assert!(visits <= 11, "{visits} visits to 10 or 11 windows");
        }
    }

    #[test]
    fn windows_repeat_for_a_seed_and_are_cut_elsewhere_in_each_epoch() {
        let mut pairs = Pairs::new(30);
        for row in 0..200 {
            pairs.push(row, &[4]);
        }
        let plan = |seed, epoch| plan_in_windows(&pairs, 8, 30, seed, epoch);
        assert_eq!(plan(5, 2), plan(5, 2));
        assert_ne!(plan(5, 2), plan(5, 3));
        assert_ne!(plan(5, 2), plan(6, 2));
    }
}
