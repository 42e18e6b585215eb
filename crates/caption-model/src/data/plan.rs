use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::pairs::Pairs;

/// The batches of one epoch: every pair once, comments of equal length together, batches in random order.
///
/// Half of real comments have five words or fewer and one in six has more than 30, so batches of random comments would
/// be mostly padding. Equal lengths are shuffled before they are cut into batches, so that batches differ between epochs.
/// The same seed and epoch give the same plan.
///
/// ```
/// let mut pairs = caption_model::Pairs::new(30);
/// for length in [1, 2, 1, 2] {
///     pairs.push(0, &vec![9; length]);
/// }
/// let batches = caption_model::plan_batches(&pairs, 2, 7, 0);
/// assert_eq!(batches.len(), 2);
/// for batch in batches {
///     assert_eq!(pairs.get(batch[0]).words.len(), pairs.get(batch[1]).words.len());
/// }
/// ```
pub fn plan_batches(pairs: &Pairs, batch_size: usize, seed: u64, epoch: u64) -> Vec<Vec<usize>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch);
    let mut keyed: Vec<(usize, u64, usize)> = pairs
        .iter()
        .enumerate()
        .map(|(index, pair)| (pair.words.len(), rng.random(), index))
        .collect();
    keyed.sort_unstable();
    let mut batches = chunks(keyed.into_iter().map(|(_, _, index)| index), batch_size);
    batches.shuffle(&mut rng);
    batches
}

/// Batches for measuring: every pair once, shortest comments first, always the same.
///
/// ```
/// let mut pairs = caption_model::Pairs::new(30);
/// pairs.push(0, &[9, 9]);
/// pairs.push(0, &[9]);
/// assert_eq!(caption_model::plan_in_order(&pairs, 8), [[1, 0]]);
/// ```
pub fn plan_in_order(pairs: &Pairs, batch_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&index| pairs.get(index).words.len());
    chunks(order.into_iter(), batch_size)
}

fn chunks(indices: impl Iterator<Item = usize>, size: usize) -> Vec<Vec<usize>> {
    let indices: Vec<usize> = indices.collect();
    indices.chunks(size.max(1)).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Real comments have a long tail; sorted by length they leave next to no padding.
    #[test]
    fn plan_covers_every_pair_once_with_little_padding() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut pairs = Pairs::new(30);
        for _ in 0..5_000 {
            let longest = rng.random_range(1..=30);
            pairs.push(0, &vec![4; rng.random_range(1..=longest)]);
        }
        let batches = plan_batches(&pairs, 64, 3, 1);
        let mut seen: Vec<usize> = batches.iter().flatten().copied().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..pairs.len()).collect::<Vec<_>>());
        let padded: usize = batches
            .iter()
            .map(|batch| {
                let longest = batch.iter().map(|&i| pairs.get(i).words.len() + 1).max();
                longest.unwrap_or(0) * batch.len()
            })
            .sum();
        assert!((padded as f64) < 1.05 * pairs.num_targets() as f64);
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
