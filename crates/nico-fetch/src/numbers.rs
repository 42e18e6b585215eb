use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};

use nico_comments::Comment;

/// Highest number that is believed. A thread has a few million; what is above is no number but
/// damage.
const MAX_NUMBER: i64 = 1_000_000_000;

/// The number of a comment within its thread, if it has one that can be believed.
pub(crate) fn number(comment: &Comment) -> Option<i64> {
    comment.no.filter(|no| (1..=MAX_NUMBER).contains(no))
}

/// A set of integers, kept as ranges: numbers of comments are dense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// First to last; neither touching nor overlapping.
    ranges: BTreeMap<i64, i64>,
}

impl Numbers {
    /// Adds a number; `false` if it was there.
    pub(crate) fn insert(&mut self, number: i64) -> bool {
        let before = self
            .ranges
            .range(..=number)
            .next_back()
            .map(|(&first, &last)| (first, last));
        if before.is_some_and(|(_, last)| last >= number) {
            return false;
        }
        let last = self.ranges.remove(&(number + 1)).unwrap_or(number);
        let first = before
            .filter(|&(_, last)| last == number - 1)
            .map_or(number, |(first, _)| first);
        self.ranges.insert(first, last);
        true
    }

    pub(crate) fn lowest(&self) -> Option<i64> {
        self.ranges.first_key_value().map(|(&first, _)| first)
    }

    pub(crate) fn highest(&self) -> Option<i64> {
        self.ranges.last_key_value().map(|(_, &last)| last)
    }

    /// What lacks of `1..=end`, in order.
    pub(crate) fn missing(&self, end: i64) -> Vec<RangeInclusive<i64>> {
        let mut missing = Vec::new();
        let mut next = 1;
        for (&first, &last) in &self.ranges {
            if first > end {
                break;
            }
            if first > next {
                missing.push(next..=first - 1);
            }
            next = last + 1;
        }
        if next <= end {
            missing.push(next..=end);
        }
        missing
    }
}

/// The comments of a thread that are known, by number, by id where there is none, by content where
/// there is neither.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) numbers: Numbers,
    others: HashSet<String>,
    pub(crate) count: u64,
}

impl Seen {
    /// Adds a comment; `false` if it was known.
    pub(crate) fn insert(&mut self, comment: &Comment) -> bool {
        let new = match (number(comment), &comment.id) {
            (Some(number), _) => self.numbers.insert(number),
            (None, Some(id)) => self.others.insert(id.clone()),
            (None, None) => self.others.insert(content_key(comment)),
        };
        self.count += u64::from(new);
        new
    }
}

/// A text that two comments share only if they are the same, for those that say neither number nor
/// id. No id is like it.
pub(crate) fn content_key(comment: &Comment) -> String {
    let parts = format!(
        "{:?}",
        (
            comment.date,
            comment.date_usec,
            comment.vpos_millis(),
            &comment.user,
            &comment.body
        )
    );
    format!("#{}", hex(&Sha256::digest(parts.as_bytes())))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use nico_comments::Vpos;

    proptest! {
        #[test]
        fn a_set_of_numbers_is_a_set(numbers in prop::collection::vec(1_i64..60, 0..80), end in 0_i64..70) {
            let (mut set, mut expected) = (Numbers::default(), BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(set.insert(number), expected.insert(number));
            }
            prop_assert_eq!(set.lowest(), expected.first().copied());
            prop_assert_eq!(set.highest(), expected.last().copied());
            let missing: Vec<i64> = set.missing(end).into_iter().flatten().collect();
            let lacking: Vec<i64> = (1..=end).filter(|number| !expected.contains(number)).collect();
            prop_assert_eq!(missing, lacking);
            let ranges: Vec<_> = set.ranges.into_iter().collect();
            prop_assert!(ranges.windows(2).all(|two| two[0].1 + 1 < two[1].0));
        }
    }

    #[test]
    fn comments_are_known_by_number_then_id_then_content() {
        let mut seen = Seen::default();
        let comment = |no: Option<i64>, id: Option<&str>, body: &str| {
            let mut comment = Comment::new(Vpos(1), body);
            (comment.no, comment.id) = (no, id.map(Into::into));
            comment
        };
        let new = [
            seen.insert(&comment(Some(5), Some("a"), "x")),
            seen.insert(&comment(Some(5), Some("b"), "y")),
            seen.insert(&comment(Some(i64::MAX), Some("b"), "y")),
            seen.insert(&comment(None, Some("b"), "z")),
            seen.insert(&comment(None, None, "z")),
            seen.insert(&comment(None, None, "z")),
            seen.insert(&comment(None, None, "w")),
        ];
        assert_eq!(new, [true, false, true, false, true, false, true]);
        assert_eq!((seen.count, seen.numbers.highest()), (4, Some(5)));
    }
}
