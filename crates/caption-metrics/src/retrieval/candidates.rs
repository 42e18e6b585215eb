use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::tf_idf::TfIdf;

/// Comments this many seconds before and behind a second say what is plausible in it.
const AROUND: f64 = 5.0;

/// A comment that retrieval candidates can be drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolComment<'a> {
    /// When it is said, seconds.
    pub time: f64,
    /// What it says.
    pub text: &'a str,
    /// The ids of its words: comments of equal ids are the same comment, for a model cannot tell
    /// them apart.
    pub words: &'a [u32],
    /// Part of the data set that it belongs to.
    pub subset: PoolSubset,
}

/// Part of the data set that a comment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolSubset {
    /// Was learnt from: false candidates are taken from these.
    Train,
    /// Is held out: the true candidates.
    Dev,
    /// Neither; it only tells what is plausible around it.
    Guard,
}

/// Options of drawing retrieval candidates: 100 for a moment, up to 5 of them true, 20 popular, 20
/// plausible, the rest random.
///
/// ```
/// use caption_metrics::CandidateOptions;
///
/// let few = CandidateOptions::default().candidates(20).popular(5).plausible(5).seed(7);
/// assert_eq!(few.max_true, 5); // so that 5 are left to be drawn at random
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CandidateOptions {
    /// Candidates of a moment, the true ones among them; there are never fewer than those. Default:
    /// 100.
    pub candidates: usize,
    /// Most true ones. Default: 5.
    #[serde(rename = "most_true")]
    pub max_true: usize,
    /// Most frequent comments of train. Default: 20.
    pub popular: usize,
    /// Comments of train that are like those around the moment. Default: 20.
    pub plausible: usize,
    /// Seed of what is drawn. Default: 1.
    pub seed: u64,
}

impl Default for CandidateOptions {
    fn default() -> Self {
        Self {
            candidates: 100,
            max_true: 5,
            popular: 20,
            plausible: 20,
            seed: 1,
        }
    }
}

impl CandidateOptions {
    /// Sets [`candidates`](Self::candidates).
    #[must_use]
    pub fn candidates(mut self, number: usize) -> Self {
        self.candidates = number;
        self
    }

    /// Sets [`max_true`](Self::max_true).
    #[must_use]
    pub fn max_true(mut self, number: usize) -> Self {
        self.max_true = number;
        self
    }

    /// Sets [`popular`](Self::popular).
    #[must_use]
    pub fn popular(mut self, number: usize) -> Self {
        self.popular = number;
        self
    }

    /// Sets [`plausible`](Self::plausible).
    #[must_use]
    pub fn plausible(mut self, number: usize) -> Self {
        self.plausible = number;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// What a candidate was drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateKind {
    /// It is a comment of that second.
    True,
    /// It is among the most frequent comments of train.
    Popular,
    /// It is like the comments around the second.
    Plausible,
    /// It was drawn from train.
    Random,
}

/// A retrieval candidate: one of the pool's comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which of the pool's comments it is.
    pub comment: usize,
    /// What it was drawn as.
    pub kind: CandidateKind,
}

impl Candidate {
    /// Whether it is a comment of that second.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.kind == CandidateKind::True
    }
}

/// The candidates of a moment in random order, no two of equal words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateSet {
    /// The moment: this second of the video.
    pub second: u64,
    /// At least one of them true.
    pub candidates: Vec<Candidate>,
}

impl CandidateSet {
    /// Number of true candidates.
    #[must_use]
    pub fn num_true(&self) -> usize {
        self.candidates.iter().filter(|one| one.is_true()).count()
    }
}

/// Draws retrieval candidates as live commenting is evaluated (Ma et al. 2019, "LiveBot", section
/// 5.2), with exact duplicates dropped and the popular ones counted in train.
///
/// A moment is a whole second that has a held-out comment. No false candidate has the words of any
/// comment of that second, chosen or not.
///
/// ```
/// use caption_metrics::{
///     CandidateOptions, CandidatePool, PoolComment, PoolSubset, chance, first_true_rank,
/// };
///
/// let said = |time, text, words, subset| PoolComment { time, text, words, subset };
/// let comments = [
///     said(3.0, "草", &[4][..], PoolSubset::Train),
///     said(9.0, "かわいい", &[5], PoolSubset::Train),
///     said(40.2, "ここ", &[6], PoolSubset::Dev),
///     said(40.9, "草", &[4], PoolSubset::Dev),
/// ];
/// let pool = CandidatePool::new(&comments);
/// let set = pool.draw(40, &CandidateOptions::default()).expect("the second has comments");
/// // 草 of train is one of the true ones.
/// assert_eq!((pool.seconds(), set.candidates.len()), (vec![40], 3));
/// // A model that finds ここ and 草 more probable than かわいい:
/// let score = |words: &[u32]| if words == [5] { -9.0 } else { -1.0 };
/// let scored: Vec<(f64, bool)> = (set.candidates.iter())
///     .map(|one| (score(comments[one.comment].words), one.is_true()))
///     .collect();
/// assert_eq!(first_true_rank(&scored), Some(1));
/// let chance = chance(set.num_true(), set.candidates.len());
/// assert!((chance.recall_1 - 2.0 / 3.0).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct CandidatePool<'a> {
    comments: &'a [PoolComment<'a>],
    /// Comments by time.
    in_order: Vec<usize>,
    /// Those of train.
    train: Vec<usize>,
    /// One comment for each different one of train, the most frequent first.
    different: Vec<usize>,
    counts: HashMap<&'a [u32], u64>,
    similar: TfIdf,
}

impl<'a> CandidatePool<'a> {
    /// Orders comments and counts those of train. Comments without words are never candidates.
    #[must_use]
    pub fn new(comments: &'a [PoolComment<'a>]) -> Self {
        let mut in_order: Vec<usize> = (0..comments.len()).collect();
        in_order.sort_by(|&a, &b| comments[a].time.total_cmp(&comments[b].time));
        let train: Vec<usize> = (0..comments.len())
            .filter(|&at| {
                comments[at].subset == PoolSubset::Train && !comments[at].words.is_empty()
            })
            .collect();
        let mut counts: HashMap<&[u32], u64> = HashMap::new();
        let mut different = Vec::new();
        for &at in &train {
            let count = counts.entry(comments[at].words).or_default();
            if *count == 0 {
                different.push(at);
            }
            *count += 1;
        }
        different.sort_by_key(|&at| std::cmp::Reverse(counts[comments[at].words])); // stable
        Self {
            similar: TfIdf::new(different.iter().map(|&at| comments[at].text)),
            comments,
            in_order,
            train,
            different,
            counts,
        }
    }

    /// How often a comment of these words is in train.
    #[must_use]
    pub fn popularity(&self, words: &[u32]) -> u64 {
        self.counts.get(words).copied().unwrap_or(0)
    }

    /// The seconds that have held-out comments, in order.
    #[must_use]
    pub fn seconds(&self) -> Vec<u64> {
        let dev = self.in_order.iter().filter(|&&at| self.is_target(at));
        let mut seconds: Vec<u64> = dev.map(|&at| second(self.comments[at].time)).collect();
        seconds.dedup();
        seconds
    }

    /// Draws the candidates of a second, or `None` if it has no true one: no held-out comment with
    /// words. The same seed and second give the same candidates.
    #[must_use]
    pub fn draw(&self, second: u64, options: &CandidateOptions) -> Option<CandidateSet> {
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        rng.set_stream(second);
        let start = second as f64;
        let own = self.within(start, start + 1.0);
        let mut targets: Vec<usize> = own
            .iter()
            .copied()
            .filter(|&at| self.is_target(at))
            .collect();
        targets.shuffle(&mut rng);
        let mut set = Drawn::new(self.comments);
        for &target in &targets {
            if set.candidates.len() < options.max_true {
                set.add(target, CandidateKind::True);
            }
        }
        if set.candidates.is_empty() {
            return None;
        }
        for &at in own {
            set.taken.insert(self.comments[at].words);
        }
        set.fill(
            options.popular,
            options.candidates,
            self.different.iter().copied(),
            CandidateKind::Popular,
        );
        let around = self
            .within(start - AROUND, start)
            .iter()
            .chain(self.within(start + 1.0, start + 1.0 + AROUND));
        let plausible = self
            .similar
            .ranked(around.map(|&at| self.comments[at].text));
        set.fill(
            options.plausible,
            options.candidates,
            plausible.into_iter().map(|text| self.different[text]),
            CandidateKind::Plausible,
        );
        self.fill_randomly(&mut set, options.candidates, &mut rng);
        set.candidates.shuffle(&mut rng);
        Some(CandidateSet {
            second,
            candidates: set.candidates,
        })
    }

    /// Draws from train; where train has few different comments, all that are left are taken.
    fn fill_randomly(&self, set: &mut Drawn<'a>, upto: usize, rng: &mut ChaCha8Rng) {
        let mut tries = 20 * upto;
        while set.candidates.len() < upto && tries > 0 && !self.train.is_empty() {
            set.add(
                self.train[rng.random_range(0..self.train.len())],
                CandidateKind::Random,
            );
            tries -= 1;
        }
        let start = rng.random_range(0..self.different.len().max(1));
        let (behind, before) = self.different.split_at(start.min(self.different.len()));
        let rest = before.iter().chain(behind).copied();
        set.fill(upto, upto, rest, CandidateKind::Random);
    }

    /// Comments from `start` up to before `end`, seconds.
    fn within(&self, start: f64, end: f64) -> &[usize] {
        let before = |time| {
            self.in_order
                .partition_point(|&at| self.comments[at].time < time)
        };
        let range: Range<usize> = before(start)..before(end).max(before(start));
        &self.in_order[range]
    }

    fn is_target(&self, at: usize) -> bool {
        let comment = &self.comments[at];
        comment.subset == PoolSubset::Dev && !comment.words.is_empty() && comment.time >= 0.0
    }
}

/// Candidates so far, and the words that no other one may have.
struct Drawn<'a> {
    comments: &'a [PoolComment<'a>],
    candidates: Vec<Candidate>,
    taken: HashSet<&'a [u32]>,
}

impl<'a> Drawn<'a> {
    fn new(comments: &'a [PoolComment<'a>]) -> Self {
        Self {
            comments,
            candidates: Vec::new(),
            taken: HashSet::new(),
        }
    }

    fn add(&mut self, comment: usize, kind: CandidateKind) -> bool {
        let new = self.taken.insert(self.comments[comment].words);
        if new {
            self.candidates.push(Candidate { comment, kind });
        }
        new
    }

    /// Adds up to `most` of `comments` while there are fewer than `upto` candidates in all.
    fn fill(
        &mut self,
        most: usize,
        upto: usize,
        comments: impl Iterator<Item = usize>,
        kind: CandidateKind,
    ) {
        let mut added = 0;
        for comment in comments {
            if added == most || self.candidates.len() >= upto {
                break;
            }
            added += usize::from(self.add(comment, kind));
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates; targets have no negative times"
)]
fn second(time: f64) -> u64 {
    time as u64
}
