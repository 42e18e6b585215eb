use std::fmt;

use serde::{Deserialize, Serialize};

use crate::boxes::Naming;

/// Names written, and how many of them while their character was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenNames {
    /// Comments written to count them.
    pub comments: usize,
    /// Names in them.
    pub written: u64,
    /// Names written while their character was seen.
    pub while_seen: u64,
    /// Their share of all names, 0 to 1.
    pub share: f64,
    /// The share that the same names would have at random moments.
    pub chance: f64,
}

impl WrittenNames {
    /// What was counted in so many comments.
    #[must_use]
    pub fn new(comments: usize, naming: &Naming) -> Self {
        Self {
            comments,
            written: naming.said,
            while_seen: naming.seen,
            share: naming.share(),
            chance: naming.chance(),
        }
    }
}

impl fmt::Display for WrittenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} names in {} comments, {:.0} % of them while the character is seen; chance {:.0} %",
            self.written,
            self.comments,
            100.0 * self.share,
            100.0 * self.chance
        )
    }
}
