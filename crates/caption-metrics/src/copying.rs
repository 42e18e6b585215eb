use serde::{Deserialize, Serialize};

/// How much comments copy from the training comments: verbatim shares and longest common runs of
/// words.
///
/// People copy too: beside a model's figures belong those of real comments of the same part.
///
/// ```
/// use caption_metrics::{Copying, TrainingComments};
///
/// let train = [vec![1, 2, 3], vec![4, 5]];
/// let learnt = TrainingComments::new(&train);
/// let copying = Copying::measure(&[vec![4, 5], vec![9, 2, 3, 8]], &learnt);
/// assert_eq!(copying.verbatim, 0.5); // 4 5 is there, the other is not
/// assert_eq!((copying.longest_run, copying.mean_run), (2, 2.0)); // 4 5, and 2 3
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Copying {
    /// Share of comments that are, as a whole, a comment learnt from.
    pub verbatim: f64,
    /// Most words in a row that a comment has in common with one learnt from.
    pub longest_run: usize,
    /// Mean over comments of the longest run each has in common with one learnt from, words.
    pub mean_run: f64,
    /// Mean share of a comment's words that lie in that run, 0 to 1.
    pub run_share: f64,
}

impl Copying {
    /// Measures comments, each given as its words; those without words are left out. Shares of
    /// nothing are 0.
    #[must_use]
    pub fn measure<W: Ord, S: AsRef<[W]>>(
        comments: &[S],
        learnt: &TrainingComments<'_, W>,
    ) -> Self {
        let (mut counted, mut verbatim, mut longest_run) = (0usize, 0usize, 0);
        let (mut runs, mut shares) = (0.0, 0.0);
        let comments = comments.iter().map(AsRef::as_ref);
        for comment in comments.filter(|words| !words.is_empty()) {
            let run = learnt.longest_run(comment);
            counted += 1;
            verbatim += usize::from(learnt.contains(comment));
            longest_run = longest_run.max(run);
            runs += run as f64;
            shares += run as f64 / comment.len() as f64;
        }
        let counted = counted.max(1) as f64;
        Self {
            verbatim: verbatim as f64 / counted,
            longest_run,
            mean_run: runs / counted,
            run_share: shares / counted,
        }
    }
}

/// Index of the training comments: a suffix array, in which a run of words is found by bisection.
///
/// Takes 16 bytes a word. See [`Copying`] for an example.
#[derive(Clone, Debug)]
pub struct TrainingComments<'a, W> {
    /// Every comment from each of its words to its end, sorted.
    suffixes: Vec<&'a [W]>,
    /// The comments, sorted.
    comments: Vec<&'a [W]>,
}

impl<'a, W: Ord> TrainingComments<'a, W> {
    /// Sorts the suffixes of comments, each given as its words.
    #[must_use]
    pub fn new<S: AsRef<[W]>>(comments: &'a [S]) -> Self {
        let mut comments: Vec<&[W]> = comments.iter().map(AsRef::as_ref).collect();
        let mut suffixes: Vec<&[W]> = comments
            .iter()
            .flat_map(|words| (0..words.len()).map(|start| &words[start..]))
            .collect();
        suffixes.sort_unstable();
        suffixes.dedup();
        comments.sort_unstable();
        comments.dedup();
        Self { suffixes, comments }
    }

    /// Whether a comment was learnt from as it is.
    #[must_use]
    pub fn contains(&self, comment: &[W]) -> bool {
        self.comments.binary_search(&comment).is_ok()
    }

    /// The number of words in a row that `comment` has in common with one that was learnt from, at
    /// most.
    #[must_use]
    pub fn longest_run(&self, comment: &[W]) -> usize {
        let longest_at = |start: usize| {
            let suffix = &comment[start..];
            // What begins alike stands beside the place where the suffix would be.
            let place = self.suffixes.partition_point(|&other| other < suffix);
            let neighbours = &self.suffixes[place.saturating_sub(1)..];
            let lengths = neighbours.iter().take(2).map(|other| common(other, suffix));
            lengths.max().unwrap_or(0)
        };
        (0..comment.len()).map(longest_at).max().unwrap_or(0)
    }
}

/// How many words two runs begin with alike.
fn common<W: Eq>(a: &[W], b: &[W]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Bisection finds what comparing every run with every other finds, on 300 comments of a small
    /// vocabulary.
    #[test]
    fn longest_runs_are_those_of_plain_comparison() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut draw = |comments| -> Vec<Vec<u8>> {
            let mut comment = || -> Vec<u8> {
                let length = rng.random_range(0..9);
                (0..length).map(|_| rng.random_range(0..4)).collect()
            };
            (0..comments).map(|_| comment()).collect()
        };
        let (train, written) = (draw(100), draw(200));
        let learnt = TrainingComments::new(&train);
        for comment in &written {
            let runs = (0..comment.len())
                .flat_map(|start| (start + 1..=comment.len()).map(move |end| &comment[start..end]));
            let found = runs.filter(|run| {
                train
                    .iter()
                    .any(|words| words.windows(run.len()).any(|w| w == *run))
            });
            assert_eq!(
                learnt.longest_run(comment),
                found.map(<[u8]>::len).max().unwrap_or(0)
            );
            assert_eq!(learnt.contains(comment), train.contains(comment));
        }
    }
}
