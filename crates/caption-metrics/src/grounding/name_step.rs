use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Which of the maps of a comment is taken for a name.
///
/// The network looks *before* it reads: the map of step `t` comes from the state after word `t − 1`, the step then reads word `t`
/// and writes word `t + 1`. So the map with which a name is written knows the words up to two before it, the next map those up
/// to the one before it, and only the third has read the name. Two comments that differ in a name at the same place have the same
/// first two maps by construction.
///
/// ```
/// use caption_metrics::NameStep;
///
/// assert!(NameStep::ALL.contains(&NameStep::Naming));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStep {
    /// The map with which the name is written.
    Naming,
    /// The map with which the name is read and the next word is written.
    Reading,
    /// The mean of the maps that write a word and whose state has read the name; missing if fewer than two words follow the name. The map
    /// that ends the comment is none of them: nothing has to be seen for that.
    Knowing,
}

impl NameStep {
    /// All of them, in the order of the words.
    pub const ALL: [Self; 3] = [Self::Naming, Self::Reading, Self::Knowing];

    /// The steps of a comment whose maps are averaged for a name that is word `position`, of `steps` steps.
    pub fn steps(self, position: usize, steps: usize) -> Range<usize> {
        match self {
            Self::Naming => position..position + 1,
            Self::Reading => position + 1..position + 2,
            Self::Knowing => (position + 2).min(steps - 1)..steps - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<bos> a N b c`: five steps; step 1 writes N, step 2 reads it, and the state after step 2 makes the map of step 3.
    #[test]
    fn steps_of_a_name() {
        let steps = |step: NameStep, position, steps| step.steps(position, steps);
        assert_eq!(steps(NameStep::Naming, 1, 5), 1..2);
        assert_eq!(steps(NameStep::Reading, 1, 5), 2..3);
        assert_eq!(steps(NameStep::Knowing, 1, 5), 3..4); // the last step writes <eos>
        assert!(steps(NameStep::Knowing, 0, 2).is_empty()); // the name and its <eos> alone
        assert!(steps(NameStep::Knowing, 0, 3).is_empty()); // and one word, which the reading map writes
    }
}
