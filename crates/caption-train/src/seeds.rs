//! Seeds of what is drawn while training.

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum SeedPurpose {
    /// Dropout, on the device.
    Dropout = 1,
    /// Words that are read as others, on the host.
    Words = 2,
    /// Frames whose comments are compared.
    Frames = 3,
    /// What a step of a commenter learns from.
    Batch = 4,
}

/// The seed of one step: a function of its numbers alone, so that a training that goes on draws
/// what it would have drawn.
pub(super) fn step_seed(seed: u64, epoch: usize, step: usize, what: SeedPurpose) -> u64 {
    [epoch as u64, step as u64, what as u64]
        .into_iter()
        .fold(seed, |state, number| mix(state ^ mix(number)))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The first number of SplitMix64 from seed 0, as its authors' program prints it.
    #[test]
    fn mixing_is_splitmix64() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn every_step_has_its_own_seed() {
        let mut seeds = HashSet::new();
        for (seed, epoch, step) in
            (0..4).flat_map(|seed| (1..20).flat_map(move |e| (0..50).map(move |s| (seed, e, s))))
        {
            for what in [
                SeedPurpose::Dropout,
                SeedPurpose::Words,
                SeedPurpose::Frames,
                SeedPurpose::Batch,
            ] {
                assert!(seeds.insert(step_seed(seed, epoch, step, what)));
            }
        }
    }
}
