use std::{collections::BTreeMap, fmt::Debug};

/// A generated comment of a frame with its references: what people wrote there.
///
/// ```
/// use caption_train::{CommentMetric, WordF1, Hypothesis};
///
/// let written = Hypothesis { row: 3, words: &[7, 8], references: &[&[9], &[8, 7, 6]] };
/// // Both words stand in the second comment, which has three: precision 1, recall 2/3.
/// assert!((WordF1.score(&[written]) - 0.8).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Hypothesis<'a> {
    /// Row of the frame's features.
    pub row: usize,
    /// What the model wrote: word ids, none special. May be empty.
    pub words: &'a [u32],
    /// The real comments of the frame, at least one. Unknown words are `<unk>`.
    pub references: &'a [&'a [u32]],
}

/// Metric of generated comments; the epoch with the highest score is kept.
///
/// ```
/// use caption_train::{CommentMetric, Hypothesis};
///
/// /// The share of comments that somebody wrote just so.
/// #[derive(Debug)]
/// struct Exact;
///
/// impl CommentMetric for Exact {
///     fn name(&self) -> &str {
///         "exact"
///     }
///
///     fn score(&self, written: &[Hypothesis<'_>]) -> f64 {
///         let exact = written.iter().filter(|one| one.references.contains(&one.words));
///         exact.count() as f64 / written.len().max(1) as f64
///     }
/// }
/// let written = [Hypothesis { row: 0, words: &[7], references: &[&[8], &[7]] }];
/// assert_eq!(Exact.score(&written), 1.0);
/// ```
pub trait CommentMetric: Debug + Send + Sync {
    /// Its name, as the checkpoint remembers it.
    fn name(&self) -> &str;

    /// The score; higher is better.
    fn score(&self, written: &[Hypothesis<'_>]) -> f64;
}

/// How much better comments fit their own frames than other ones: the default of
/// [`SelectBy::Comments`](crate::SelectBy::Comments).
///
/// The [`WordF1`] of each comment against the real comments of its frame, less the mean of the same
/// against those of up to 16 other frames of the sample, evenly spread, averaged over frames. A
/// model that says the same whatever it sees scores exactly 0, however popular what it says is; so
/// does a sample of one frame.
///
/// ```
/// use caption_train::{CommentMetric, FrameF1, Hypothesis};
///
/// let first = |words| Hypothesis { row: 0, words, references: &[&[7]] };
/// let second = |words| Hypothesis { row: 1, words, references: &[&[8]] };
/// assert_eq!(FrameF1.score(&[first(&[7]), second(&[8])]), 1.0);
/// assert_eq!(FrameF1.score(&[first(&[7]), second(&[7])]), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameF1;

/// Most other frames that a comment is held against.
const OTHER_FRAMES: usize = 16;

impl CommentMetric for FrameF1 {
    fn name(&self) -> &str {
        "frame F1"
    }

    fn score(&self, written: &[Hypothesis<'_>]) -> f64 {
        let frames = written.len();
        let others = OTHER_FRAMES.min(frames.saturating_sub(1));
        if others == 0 {
            return 0.0;
        }
        let sum: f64 = written
            .iter()
            .enumerate()
            .map(|(index, comment)| {
                let at = |frame: usize| nearest_f1(comment.words, written[frame].references);
                let elsewhere: f64 = (1..=others)
                    .map(|k| at((index + k * frames / (others + 1)) % frames))
                    .sum();
                at(index) - elsewhere / others as f64
            })
            .sum();
        sum / frames as f64
    }
}

/// The F1 of a comment's words against the nearest of its frame's real comments, averaged over
/// frames.
///
/// For a written and a real comment, taken as bags of words, `m` words are in both (each as often
/// as in the one that has it less often); precision is `m` over the words written, recall `m` over
/// the words of the real comment, F1 their harmonic mean `2 m / (written + real)`. Each frame
/// counts with the highest F1 over its real comments, an empty comment with 0. Most comments have
/// one to three words, for which word order (BLEU) has little to say.
///
/// See [`Hypothesis`] for an example.
#[derive(Clone, Copy, Debug, Default)]
pub struct WordF1;

impl CommentMetric for WordF1 {
    fn name(&self) -> &str {
        "word F1"
    }

    fn score(&self, written: &[Hypothesis<'_>]) -> f64 {
        let each = written.iter();
        let sum: f64 = each
            .map(|comment| nearest_f1(comment.words, comment.references))
            .sum();
        sum / written.len().max(1) as f64
    }
}

fn nearest_f1(written: &[u32], references: &[&[u32]]) -> f64 {
    let each = references.iter().map(|real| f1(written, real));
    each.fold(0.0, f64::max)
}

fn f1(written: &[u32], real: &[u32]) -> f64 {
    let mut left: BTreeMap<u32, usize> = BTreeMap::new();
    for &word in real {
        *left.entry(word).or_default() += 1;
    }
    let mut shared = 0usize;
    for word in written {
        if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    2.0 * shared as f64 / (written.len() + real.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two words written, 7 twice; real ones 7 and 8: one 7 counts, 2·1/(2 + 2) = 1/2. Nothing
    /// written: 0.
    #[test]
    fn f1_counts_a_word_as_often_as_both_have_it() {
        assert!((f1(&[7, 7], &[7, 8]) - 0.5).abs() < 1e-12);
        assert!((f1(&[8, 7], &[7, 8]) - 1.0).abs() < 1e-12);
        assert_eq!(f1(&[], &[7]), 0.0);
    }

    /// Frame one: the nearer comment gives 2/3 (one of one word right, the real one has two). Frame
    /// two: nothing right. The mean is 1/3.
    #[test]
    fn the_nearest_comment_counts() {
        let written = [
            Hypothesis {
                row: 0,
                words: &[5],
                references: &[&[6], &[5, 9]],
            },
            Hypothesis {
                row: 4,
                words: &[5],
                references: &[&[7]],
            },
        ];
        assert!((WordF1.score(&written) - 1.0 / 3.0).abs() < 1e-12);
    }

    /// 40 frames of three kinds. One comment for all scores 0, whatever it is; each kind's own word
    /// scores 1 less the share of the other frames, at 2, 4, 7, … places' distance, that are of its
    /// kind.
    #[test]
    fn what_fits_every_frame_is_worth_nothing() {
        let kinds: [&[&[u32]]; 3] = [&[&[10], &[4]], &[&[11]], &[&[12], &[4], &[5]]];
        let score = |word: fn(usize) -> u32| {
            let words: Vec<[u32; 1]> = (0..40).map(|row| [word(row)]).collect();
            let written: Vec<Hypothesis<'_>> = (0..40)
                .map(|row| Hypothesis {
                    row,
                    words: &words[row],
                    references: kinds[row % 3],
                })
                .collect();
            FrameF1.score(&written)
        };
        assert!(score(|_| 4).abs() < 1e-12);
        assert!(score(|_| 11).abs() < 1e-12);
        let same_kind = (0..40).map(|row| {
            let others = (1..=16).map(|k| (row + k * 40 / 17) % 40);
            others.filter(|other| other % 3 == row % 3).count() as f64 / 16.0
        });
        let expected = 1.0 - same_kind.sum::<f64>() / 40.0;
        let found = score(|row| [10, 11, 12][row % 3]);
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        assert!(found > 0.5);
    }
}
