use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use caption_metrics::Pairs;

/// The batches of one epoch: every pair once, comments of equal length together, batches in random
/// order.
///
/// Half of real comments have five words or fewer and one in six has more than 30, so batches of
/// random comments would be mostly padding. Equal lengths are shuffled before they are cut into
/// batches, so that batches differ between epochs. The same seed and epoch give the same plan.
///
/// ```
/// let mut pairs = caption_metrics::Pairs::new(30);
/// for length in [1, 2, 1, 2] {
///     pairs.push(0, &vec![9; length]);
/// }
/// let batches = caption_train::plan_batches(&pairs, 2, 7, 0);
/// assert_eq!(batches.len(), 2);
/// for batch in batches {
///     assert_eq!(pairs.get(batch[0]).words.len(), pairs.get(batch[1]).words.len());
/// }
/// ```
#[must_use]
pub fn plan_batches(pairs: &Pairs, batch_size: usize, seed: u64, epoch: u64) -> Vec<Vec<usize>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch);
    by_length(pairs, (0..pairs.len()).collect(), batch_size, &mut rng)
}

/// Batches of these pairs: sorted by length, ties at random, cut, and shuffled.
pub(super) fn by_length(
    pairs: &Pairs,
    indices: Vec<usize>,
    batch_size: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<Vec<usize>> {
    let mut keyed: Vec<(usize, u64, usize)> = indices
        .into_iter()
        .map(|index| (pairs.get(index).words.len(), rng.random(), index))
        .collect();
    keyed.sort_unstable();
    let mut batches = chunks(keyed.into_iter().map(|(_, _, index)| index), batch_size);
    batches.shuffle(rng);
    batches
}

fn chunks(indices: impl Iterator<Item = usize>, size: usize) -> Vec<Vec<usize>> {
    let indices: Vec<usize> = indices.collect();
    indices.chunks(size.max(1)).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of 20,000 real comments have 1, 2, … 29 words, and 30 or more: one in six does.
    const LENGTHS: [usize; 30] = [
        4493, 1834, 1624, 1465, 1207, 974, 720, 738, 438, 391, 313, 365, 313, 305, 183, //
        160, 134, 160, 159, 57, 126, 48, 52, 114, 52, 44, 89, 72, 39, 3331,
    ];

    fn real_lengths() -> Pairs {
        let mut pairs = Pairs::new(30);
        for (length, &count) in (1..).zip(&LENGTHS) {
            for row in 0..count {
                pairs.push(row, &vec![4; length]);
            }
        }
        pairs
    }

    /// Positions of the batches that hold no word to predict, as a share of all.
    fn padding(pairs: &Pairs, batches: &[Vec<usize>]) -> f64 {
        let padded: usize = batches
            .iter()
            .map(|batch| {
                let longest = batch.iter().map(|&i| pairs.get(i).words.len() + 1).max();
                longest.unwrap_or(0) * batch.len()
            })
            .sum();
        1.0 - pairs.num_targets() as f64 / padded as f64
    }

    /// Sorted by length, real comments leave next to no padding; at random it is most of a batch.
    #[test]
    fn plan_covers_every_pair_once_with_little_padding() {
        let pairs = real_lengths();
        for batch_size in [64, 256] {
            let batches = plan_batches(&pairs, batch_size, 3, 1);
            let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..pairs.len()).collect::<Vec<_>>());
            let sorted = padding(&pairs, &batches);
            assert!(sorted < 0.02, "{batch_size}: {sorted}");
        }
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
        let random = padding(&pairs, &chunks(order.into_iter(), 256));
        assert!(random > 0.5, "{random}");
    }

    /// Within windows that hold a few thousand comments the padding stays small too.
    #[test]
    fn windows_have_little_padding() {
        let pairs = real_lengths();
        let spread = pairs.with_rows(|index, _| index * 7_919 % 20_000);
        let batches = crate::data::plan_in_windows(&spread, 64, 4_000, 3, 1);
        let share = padding(&spread, &batches);
        assert!(share < 0.05, "{share}");
    }

    #[test]
    fn plan_repeats_for_a_seed_and_differs_between_epochs() {
        let mut pairs = Pairs::new(30);
        for row in 0..100 {
            pairs.push(row, &[4]);
        }
        assert_eq!(plan_batches(&pairs, 8, 5, 2), plan_batches(&pairs, 8, 5, 2));
        assert_ne!(plan_batches(&pairs, 8, 5, 2), plan_batches(&pairs, 8, 5, 3));
        assert_ne!(plan_batches(&pairs, 8, 5, 2), plan_batches(&pairs, 8, 6, 2));
    }
}
