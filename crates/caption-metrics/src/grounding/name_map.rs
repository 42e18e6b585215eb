use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Which attention map of a comment is taken for a name: the one that writes it, that reads it, or
/// those that know it.
///
/// The network looks *before* it reads: the map of step `t` comes from the state after word
/// `t − 1`, the step then reads word `t` and writes word `t + 1`. So the map with which a name is
/// written knows the words up to two before it, the next map those up to the one before it, and
/// only the third has read the name. Two comments that differ in a name at the same place have the
/// same first two maps by construction.
///
/// ```
/// use caption_metrics::NameMap;
///
/// // Word 1 of "a NAME b c", which takes five steps, the last of them for <eos>.
/// let steps = NameMap::ALL.map(|map| map.steps(1, 5));
/// assert_eq!(steps, [1..2, 2..3, 3..4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NameMap {
    /// The map with which the name is written.
    #[serde(rename = "naming")]
    Before,
    /// The map with which the name is read and the next word is written.
    #[serde(rename = "reading")]
    At,
    /// The mean of the maps that write a word and whose state has read the name; missing if fewer
    /// than two words follow the name. The map that ends the comment is none of them: nothing has
    /// to be seen for that.
    #[serde(rename = "knowing")]
    After,
}

impl NameMap {
    /// All of them, in the order of the words.
    pub const ALL: [Self; 3] = [Self::Before, Self::At, Self::After];

    /// The steps whose maps are averaged for a name that is word `position`, of a comment of
    /// `steps` steps.
    #[must_use]
    pub fn steps(self, position: usize, steps: usize) -> Range<usize> {
        match self {
            Self::Before => position..position + 1,
            Self::At => position + 1..position + 2,
            Self::After => (position + 2).min(steps - 1)..steps - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<bos> a N b c`: five steps; step 1 writes N, step 2 reads it, and the state after step 2
    /// makes the map of step 3.
    #[test]
    fn steps_of_a_name() {
        let steps = |map: NameMap, position, steps| map.steps(position, steps);
        assert_eq!(steps(NameMap::Before, 1, 5), 1..2);
        assert_eq!(steps(NameMap::At, 1, 5), 2..3);
        assert_eq!(steps(NameMap::After, 1, 5), 3..4); // the last step writes <eos>
        assert!(steps(NameMap::After, 0, 2).is_empty()); // the name and its <eos> alone
        assert!(steps(NameMap::After, 0, 3).is_empty()); // and a word, which the reading map writes
    }
}
