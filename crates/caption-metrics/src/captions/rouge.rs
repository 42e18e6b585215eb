/// Weight of recall against precision, as the COCO captions are scored.
const BETA: f64 = 1.2;

/// ROUGE-L, 0 to 1: the F-measure of the longest common subsequence of words (Lin 2004, section
/// 3.1, equations 2 to 4, β = 1.2).
///
/// With several references the best precision and the best recall are taken, each for itself, as
/// the COCO caption evaluation does. 0 without words.
///
/// ```
/// use caption_metrics::rouge_l;
///
/// // The subsequence "police the gunman" is 3 of 4 words on both sides.
/// let score = rouge_l(
///     &["police", "kill", "the", "gunman"],
///     &[["police", "ended", "the", "gunman"]],
/// );
/// assert!((score - 0.75).abs() < 1e-12);
/// ```
#[must_use]
pub fn rouge_l<W: Eq, R: AsRef<[W]>>(hypothesis: &[W], references: &[R]) -> f64 {
    let (mut precision, mut recall) = (0.0f64, 0.0f64);
    for reference in references {
        let reference = reference.as_ref();
        let common = common_subsequence(hypothesis, reference) as f64;
        precision = precision.max(common / hypothesis.len().max(1) as f64);
        recall = recall.max(common / reference.len().max(1) as f64);
    }
    if precision == 0.0 || recall == 0.0 {
        return 0.0;
    }
    let weight = BETA * BETA;
    (1.0 + weight) * precision * recall / (recall + weight * precision)
}

/// Length of the longest common subsequence, in memory of one row.
fn common_subsequence<W: Eq>(a: &[W], b: &[W]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (at, other) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == other {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    row[b.len()]
}
