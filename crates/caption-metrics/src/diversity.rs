use std::{collections::HashSet, hash::Hash};

use serde::{Deserialize, Serialize};

use crate::captions::self_bleu;

/// Diversity of a set of comments: distinct-n, self-BLEU and the share of unique comments.
///
/// All figures depend on the number of comments: compare sets of equal size.
///
/// ```
/// use caption_metrics::Diversity;
///
/// // 3 distinct words of 8; 12, 12, 23, 12, 23 are 2 distinct pairs of 5; 2 of 3 comments differ.
/// let diversity = Diversity::measure(&[vec![1, 2], vec![1, 2, 3], vec![1, 2, 3]]);
/// assert_eq!(diversity.distinct_1, 3.0 / 8.0);
/// assert_eq!(diversity.distinct_2, 2.0 / 5.0);
/// assert_eq!(diversity.unique, 2.0 / 3.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diversity {
    /// Comments measured.
    pub comments: usize,
    /// Distinct words, divided by the number of words (Li et al. 2016, section 5.2).
    pub distinct_1: f64,
    /// Distinct pairs of words in a row, divided by the number of pairs.
    pub distinct_2: f64,
    /// [`self_bleu`], 0 to 1; lower is more varied.
    pub self_bleu: f64,
    /// Distinct comments, divided by the number of comments.
    pub unique: f64,
}

impl Diversity {
    /// Measures comments, each given as its words. Shares of nothing are 0.
    #[must_use]
    pub fn measure<W: Eq + Hash, S: AsRef<[W]>>(comments: &[S]) -> Self {
        let unique: HashSet<&[W]> = comments.iter().map(AsRef::as_ref).collect();
        Self {
            comments: comments.len(),
            distinct_1: distinct(comments, 1),
            distinct_2: distinct(comments, 2),
            self_bleu: self_bleu(comments),
            unique: unique.len() as f64 / comments.len().max(1) as f64,
        }
    }
}

fn distinct<W: Eq + Hash, S: AsRef<[W]>>(comments: &[S], n: usize) -> f64 {
    let runs = || comments.iter().flat_map(|words| words.as_ref().windows(n));
    let distinct: HashSet<&[W]> = runs().collect();
    distinct.len() as f64 / runs().count().max(1) as f64
}
