use crate::histogram::Histogram;

/// Distribution of the lengths of comments, in characters, line breaks included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// How many comments have 0, 1, 2, … characters; those with [`MOST`] or more together at the
    /// end.
    counts: Histogram,
    characters: u64,
    longest: usize,
}

/// Longer comments than those of owners.
const MOST: usize = 1024;

impl Lengths {
    /// Counts a comment of so many characters.
    pub fn push(&mut self, characters: usize) {
        self.counts.push(characters.min(MOST));
        self.characters = self.characters.saturating_add(characters as u64);
        self.longest = self.longest.max(characters);
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.characters = self.characters.saturating_add(other.characters);
        self.longest = self.longest.max(other.longest);
    }

    /// Comments counted.
    #[must_use]
    pub fn num_comments(&self) -> u64 {
        self.counts.total()
    }

    /// The mean length; 0 without comments.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.characters as f64 / self.num_comments().max(1) as f64
    }

    /// The length that a share `u` of the comments stay below, from 0 to 1; 1,024 stands for all
    /// from there on.
    #[must_use]
    pub fn quantile(&self, u: f64) -> usize {
        self.counts.quantile(u)
    }

    /// The greatest length; 0 without comments.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// How many comments have 0, 1, 2, … characters; at most 1,025 counts, the last of which has
    /// all from 1,024 on.
    #[must_use]
    pub fn histogram(&self) -> &[u64] {
        self.counts.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ones_are_counted_together() {
        let mut lengths = Lengths::default();
        lengths.push(1_000_000);
        lengths.push(usize::MAX);
        assert_eq!(lengths.histogram().len(), MOST + 1);
        assert_eq!(
            (
                lengths.num_comments(),
                lengths.quantile(0.0),
                lengths.longest()
            ),
            (2, MOST, usize::MAX)
        );
        assert_eq!(Lengths::default().quantile(0.5), 0);
    }
}
