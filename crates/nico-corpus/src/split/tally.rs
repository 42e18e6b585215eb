use std::collections::HashMap;
use std::hash::Hash;

use super::part::Part;

/// How many comments a split gives to each part, and how many distinct ones: a row of the
/// original's table.
///
/// ```
/// # use nico_comments::Timeline;
/// # use nico_corpus::{Split, SplitRule};
/// let split = Split::new(SplitRule::Halves, 0, &Timeline::constant(30, 1, 2)?);
/// let tally = split.tally([(0, "草"), (0, "w"), (1, "草"), (1, "8888")]);
/// assert_eq!((tally.train, tally.dev, tally.distinct, tally.leak()), (2, 2, 3, 0.5));
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitTally {
    /// Comments in train.
    pub train: u64,
    /// Comments in dev.
    pub dev: u64,
    /// Comments in neither.
    pub guard: u64,
    /// Distinct texts, the guard's included.
    pub distinct: u64,
    /// Distinct texts in train.
    pub distinct_train: u64,
    /// Distinct texts in dev.
    pub distinct_dev: u64,
    /// Distinct texts in both.
    pub shared: u64,
}

impl SplitTally {
    /// Counts comments, each given as its part and its text. Anything can stand for the text: the
    /// ids of its words once unknown ones are replaced, as the original compared them, or a hash
    /// where memory is short.
    ///
    /// ```
    /// use nico_corpus::{Part, SplitTally};
    ///
    /// let train: (Part, &[u32]) = (Part::Train, &[4, 3]);
    /// let tally = SplitTally::count([train, (Part::Dev, &[4, 3]), (Part::Dev, &[5])]);
    /// assert_eq!((tally.all(), tally.distinct, tally.shared), (3, 2, 1));
    /// ```
    #[must_use]
    pub fn count<T: Eq + Hash>(comments: impl IntoIterator<Item = (Part, T)>) -> Self {
        let mut tally = Self::default();
        let mut seen: HashMap<T, (bool, bool)> = HashMap::new();
        for (part, text) in comments {
            let (in_train, in_dev) = seen.entry(text).or_default();
            match part {
                Part::Train => {
                    tally.train += 1;
                    *in_train = true;
                }
                Part::Dev => {
                    tally.dev += 1;
                    *in_dev = true;
                }
                Part::Guard => tally.guard += 1,
            }
        }
        let count =
            |of: fn(&(bool, bool)) -> bool| seen.values().filter(|parts| of(parts)).count() as u64;
        tally.distinct = seen.len() as u64;
        tally.distinct_train = count(|parts| parts.0);
        tally.distinct_dev = count(|parts| parts.1);
        tally.shared = count(|parts| parts.0 && parts.1);
        tally
    }

    /// Comments in all parts.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.train + self.dev + self.guard
    }

    /// The share of dev's distinct texts that are also in train; 0 without any. The original
    /// experiment: 9,105 of 26,682.
    #[must_use]
    pub fn leak(&self) -> f64 {
        if self.distinct_dev == 0 {
            0.0
        } else {
            self.shared as f64 / self.distinct_dev as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        /// The counts are those of sets.
        #[test]
        fn counts_are_those_of_sets(comments in prop::collection::vec((0..3_u8, 0..9_u8), 0..60)) {
            let part = |n| [Part::Train, Part::Dev, Part::Guard][n as usize];
            let tally = SplitTally::count(comments.iter().map(|&(n, text)| (part(n), text)));
            let texts = |n| comments.iter().filter(|c| c.0 == n).map(|c| c.1).collect::<HashSet<u8>>();
            let (train, dev, guard) = (texts(0), texts(1), texts(2));
            prop_assert_eq!(tally.all(), comments.len() as u64);
            prop_assert_eq!((tally.distinct_train, tally.distinct_dev), (train.len() as u64, dev.len() as u64));
            prop_assert_eq!(tally.shared, train.intersection(&dev).count() as u64);
            let all: HashSet<_> = train.iter().chain(&dev).chain(&guard).collect();
            prop_assert_eq!(tally.distinct, all.len() as u64);
        }
    }
}
