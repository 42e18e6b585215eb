use serde::{Deserialize, Serialize};

use super::ground_truth::GroundTruth;

/// Hallucination rate: how many of the names that were written are of somebody who is not in the
/// picture.
///
/// ```
/// use caption_metrics::{GroundTruth, Hallucination, BoundingBox};
///
/// let mut truth = GroundTruth::new(2);
/// let ruri = truth.add_character("ruri", [9]);
/// truth.add_box(0, ruri, BoundingBox { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 });
/// let written = [(0, &[9, 5][..]), (1, &[9]), (1, &[5])];
/// let counted = Hallucination::count(written, &truth);
/// assert_eq!((counted.names, counted.absent, counted.share()), (2, 1, 0.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hallucination {
    /// Names written.
    pub names: usize,
    /// Names whose character is not in the picture.
    pub absent: usize,
}

impl Hallucination {
    /// Counts the names in comments, each with the row of its frame.
    #[must_use]
    pub fn count<'a>(
        comments: impl IntoIterator<Item = (usize, &'a [u32])>,
        truth: &GroundTruth,
    ) -> Self {
        let mut counted = Self::default();
        for (row, words) in comments {
            for who in words.iter().filter_map(|&word| truth.character_of(word)) {
                counted.names += 1;
                counted.absent += usize::from(truth.bounding_box(row, who).is_none());
            }
        }
        counted
    }

    /// The share of names whose character is not there; 0 without names.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.absent as f64 / self.names.max(1) as f64
    }
}
