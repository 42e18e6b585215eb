use serde::{Deserialize, Serialize};

use super::ground_truth::GroundTruth;

/// Average precision of ranking frames by the probability of a name, beside the share of frames
/// with its character.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamePresence {
    /// Who.
    pub id: String,
    /// Frames with the character.
    pub present: usize,
    /// Average precision of the frames ranked by log p(name | frame) − log p(name), where the
    /// comment begins with the name.
    pub average_precision: f64,
    /// Baseline: the share of frames with the character, what a random order scores.
    pub share: f64,
}

/// Average precision: the mean of the precisions at each true item, in the order of the scores,
/// highest first; 0 without any.
///
/// Equal scores are one rank: their precision is that of all of them together, so no order among
/// them is better than another. Scores that are not a number are one rank behind all others.
///
/// ```
/// use caption_metrics::average_precision;
///
/// // The first and the third of three ranked frames show her: (1/1 + 2/3) / 2.
/// let ap = average_precision(&[0.9, 0.5, 0.1], &[true, false, true]);
/// assert!((ap - 5.0 / 6.0).abs() < 1e-12);
/// ```
///
/// # Panics
///
/// Panics if the slices differ in length.
#[must_use]
pub fn average_precision(scores: &[f64], truth: &[bool]) -> f64 {
    assert_eq!(scores.len(), truth.len(), "a truth for each score");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let is_nan = |index: usize| scores[index].is_nan();
    order.sort_by(|&a, &b| {
        let behind = is_nan(a).cmp(&is_nan(b));
        behind.then(scores[b].total_cmp(&scores[a]))
    });
    let is_tied = |a: usize, b: usize| scores[a] == scores[b] || (is_nan(a) && is_nan(b));
    let (mut seen, mut found, mut sum) = (0, 0, 0.0);
    for tied in order.chunk_by(|&a, &b| is_tied(a, b)) {
        let new = tied.iter().filter(|&&index| truth[index]).count();
        seen += tied.len();
        found += new;
        sum += new as f64 * found as f64 / seen as f64;
    }
    sum / found.max(1) as f64
}

/// Average precision of every character: `rows` are ranked by the character's scores, one a row,
/// and compared with where the character is.
///
/// # Panics
///
/// Panics if there are not as many lists of scores as characters, or not as many scores as rows.
#[must_use]
pub fn presence(scores: &[Vec<f64>], rows: &[usize], truth: &GroundTruth) -> Vec<NamePresence> {
    assert_eq!(scores.len(), truth.len(), "scores of each character");
    let name = |(who, scores): (usize, &Vec<f64>)| {
        let there: Vec<bool> = rows
            .iter()
            .map(|&row| truth.bounding_box(row, who).is_some())
            .collect();
        let present = there.iter().filter(|&&there| there).count();
        NamePresence {
            id: truth.id(who).to_owned(),
            present,
            average_precision: average_precision(scores, &there),
            share: present as f64 / rows.len().max(1) as f64,
        }
    };
    scores.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All equal: three frames of four at one rank, precision 3/4 for each. Worst order of one in
    /// four: 1/4.
    #[test]
    fn precisions_of_known_orders() {
        let ap = average_precision(&[1.0; 4], &[true, true, false, true]);
        assert!((ap - 0.75).abs() < 1e-12);
        let last = average_precision(&[4.0, 3.0, 2.0, 1.0], &[false, false, false, true]);
        assert!((last - 0.25).abs() < 1e-12);
        assert_eq!(average_precision(&[1.0, 0.0], &[true, false]), 1.0);
        assert_eq!(average_precision(&[1.0], &[false]), 0.0);
    }

    /// A frame whose probability is not a number is behind −∞, as in `first_true_rank`.
    #[test]
    fn scores_that_are_no_numbers_come_last() {
        let scores = [f64::NAN, 1.0, f64::NEG_INFINITY, -f64::NAN];
        assert_eq!(
            average_precision(&scores, &[false, true, false, false]),
            1.0
        );
        assert_eq!(average_precision(&scores, &[true, false, false, true]), 0.5);
        assert_eq!(
            average_precision(&scores, &[false, false, true, false]),
            0.5
        );
    }
}
