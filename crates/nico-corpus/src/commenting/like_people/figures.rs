use std::collections::{HashMap, HashSet, VecDeque};

use caption_metrics::Diversity;
use nico_comments::{Position, Size};
use rand::{SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::stream::{Episode, EpisodeComment};

/// Comments this far apart are neighbours, milliseconds.
const NEIGHBOR: i64 = 5_000;

/// The comments of the episodes learnt from: what can be repeated word for word.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use nico_corpus::{commenting::KnownTexts, stream::{Dialogue, Episode}};
///
/// let learnt = [Episode::new("a/01", [Comment::new(Vpos(0), "草")], Dialogue::default())];
/// let known = KnownTexts::of(&learnt);
/// assert!(known.contains("草") && !known.contains("草w"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct KnownTexts<'a> {
    texts: HashSet<&'a str>,
}

impl<'a> KnownTexts<'a> {
    /// Of these episodes.
    #[must_use]
    pub fn of(episodes: &'a [Episode]) -> Self {
        let comments = episodes.iter().flat_map(Episode::comments);
        Self {
            texts: comments.map(|comment| comment.text).collect(),
        }
    }

    /// Whether a comment stands there as it is.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.texts.contains(text)
    }
}

/// A figure of a set of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CrowdFigure {
    /// Share of comments that stand word for word in the episodes learnt from.
    Known,
    /// Share that equals a comment of another viewer that appears at most 5 s before or after.
    EqualsNeighbor,
    /// Share that repeats an earlier comment of the same viewer.
    RepeatsOwn,
    /// Share that was chosen with one tap.
    OneTap,
    /// Share at the top.
    Top,
    /// Share at the bottom.
    Bottom,
    /// Share of big ones.
    Big,
    /// Share of small ones.
    Small,
    /// Share with a colour of its own.
    Colored,
    /// Lower quartile of the lengths, characters.
    LowerQuartile,
    /// Median of the lengths, characters.
    MedianLength,
    /// Upper quartile of the lengths, characters.
    UpperQuartile,
    /// Distinct characters over characters.
    Distinct1,
    /// Distinct pairs of characters over pairs.
    Distinct2,
    /// BLEU of each comment against the others, by characters: lower is more varied.
    SelfBleu,
}

impl CrowdFigure {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Known,
        Self::EqualsNeighbor,
        Self::RepeatsOwn,
        Self::OneTap,
        Self::Top,
        Self::Bottom,
        Self::Big,
        Self::Small,
        Self::Colored,
        Self::LowerQuartile,
        Self::MedianLength,
        Self::UpperQuartile,
        Self::Distinct1,
        Self::Distinct2,
        Self::SelfBleu,
    ];

    /// What it is, in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "word for word in train",
            Self::EqualsNeighbor => "equal to another's within 5 s",
            Self::RepeatsOwn => "repeats of one's own",
            Self::OneTap => "one-tap",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Big => "big",
            Self::Small => "small",
            Self::Colored => "coloured",
            Self::LowerQuartile => "length, lower quartile",
            Self::MedianLength => "length, median",
            Self::UpperQuartile => "length, upper quartile",
            Self::Distinct1 => "distinct-1",
            Self::Distinct2 => "distinct-2",
            Self::SelfBleu => "self-BLEU",
        }
    }

    /// Whether it is a share of comments.
    #[must_use]
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Self::Known
                | Self::EqualsNeighbor
                | Self::RepeatsOwn
                | Self::OneTap
                | Self::Top
                | Self::Bottom
                | Self::Big
                | Self::Small
                | Self::Colored
        )
    }
}

/// The figures of the comments of an episode, people's or generated ones.
///
/// How often comments equal each other, and how varied they are, depends on how many there are:
/// compare sets of equal numbers.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use nico_corpus::{
///     commenting::{CrowdFigure, CrowdFigures, KnownTexts},
///     stream::{Dialogue, Episode},
/// };
///
/// let comments = [(100, "a", "草"), (200, "b", "草"), (900, "a", "草"), (950, "c", "かわいい")]
///     .map(|(time, user, text)| Comment::new(Vpos(time), text).user(user));
/// let crowd = Episode::new("show/01", comments, Dialogue::default());
/// let figures = CrowdFigures::measure(&crowd, &KnownTexts::default(), 100, 1);
/// assert_eq!(figures.get(CrowdFigure::EqualsNeighbor), 0.5); // the first two
/// assert_eq!(figures.get(CrowdFigure::RepeatsOwn), 0.25); // the third
/// assert_eq!(figures.get(CrowdFigure::MedianLength), 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrowdFigures {
    /// Comments measured.
    pub comments: usize,
    values: [f64; CrowdFigure::ALL.len()],
}

impl CrowdFigures {
    /// Measures the comments of an episode. Variety is measured on `most_varied` of them, drawn by
    /// `seed`, or on all where there are fewer. Of no comments everything is 0.
    #[must_use]
    pub fn measure(crowd: &Episode, known: &KnownTexts<'_>, most_varied: usize, seed: u64) -> Self {
        let share = |counted: usize| counted as f64 / crowd.len().max(1) as f64;
        let share_of = |is: &dyn Fn(&EpisodeComment<'_>) -> bool| {
            share(crowd.comments().filter(|comment| is(comment)).count())
        };
        let mut lengths: Vec<usize> = crowd
            .comments()
            .map(|comment| comment.text.chars().count())
            .collect();
        lengths.sort_unstable();
        let variety = variety(crowd, most_varied, seed);
        let values = CrowdFigure::ALL.map(|figure| match figure {
            CrowdFigure::Known => share_of(&|one| known.contains(one.text)),
            CrowdFigure::EqualsNeighbor => share(equal_to_neighbors(crowd)),
            CrowdFigure::RepeatsOwn => share(repeats_of_own(crowd)),
            CrowdFigure::OneTap => share_of(&|one| one.is_one_tap),
            CrowdFigure::Top => share_of(&|one| one.position == Position::Ue),
            CrowdFigure::Bottom => share_of(&|one| one.position == Position::Shita),
            CrowdFigure::Big => share_of(&|one| one.size == Size::Big),
            CrowdFigure::Small => share_of(&|one| one.size == Size::Small),
            CrowdFigure::Colored => share_of(&|one| one.is_colored),
            CrowdFigure::LowerQuartile => quantile(&lengths, 0.25),
            CrowdFigure::MedianLength => quantile(&lengths, 0.5),
            CrowdFigure::UpperQuartile => quantile(&lengths, 0.75),
            CrowdFigure::Distinct1 => variety.distinct_1,
            CrowdFigure::Distinct2 => variety.distinct_2,
            CrowdFigure::SelfBleu => variety.self_bleu,
        });
        Self {
            comments: crowd.len(),
            values,
        }
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, figure: CrowdFigure) -> f64 {
        self.values[figure as usize]
    }
}

/// Comments with an equal one by another viewer at most 5 s away. Where nobody knows who wrote
/// them, two comments are of two viewers.
fn equal_to_neighbors(crowd: &Episode) -> usize {
    let mut recent = HashMap::<&str, VecDeque<EpisodeComment<'_>>>::new();
    let mut has_equal = vec![false; crowd.len()];
    for comment in crowd.comments() {
        let alike = recent.entry(comment.text).or_default();
        while let Some(first) = alike.front()
            && first.millis < comment.millis.saturating_sub(NEIGHBOR)
        {
            alike.pop_front();
        }
        for other in alike.iter() {
            if other.user.is_none() || other.user != comment.user {
                has_equal[other.index] = true;
                has_equal[comment.index] = true;
            }
        }
        alike.push_back(comment);
    }
    has_equal.into_iter().filter(|equal| *equal).count()
}

/// Comments that the same viewer has written before.
fn repeats_of_own(crowd: &Episode) -> usize {
    let mut written = HashSet::<(u32, &str)>::new();
    let known = crowd
        .comments()
        .filter_map(|comment| Some((comment.user?, comment.text)));
    known.filter(|one| !written.insert(*one)).count()
}

fn variety(crowd: &Episode, most: usize, seed: u64) -> Diversity {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let drawn = sample(&mut rng, crowd.len(), most.min(crowd.len()));
    let texts: Vec<Vec<char>> = drawn
        .into_iter()
        .map(|index| crowd.comment(index).text.chars().collect())
        .collect();
    Diversity::measure(&texts)
}

/// The value below which a share of sorted numbers lies, interpolated between neighbours (type 7
/// of Hyndman and Fan 1996); 0 of none.
fn quantile(sorted: &[usize], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list, 0 or more"
    )]
    let below = (at.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (sorted[below] as f64, sorted[above] as f64);
    low + (at - below as f64) * (high - low)
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Fork, Mail, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    fn crowd(comments: impl IntoIterator<Item = Comment>) -> Episode {
        Episode::new("show/01", comments, Dialogue::default())
    }

    fn measured(crowd: &Episode) -> CrowdFigures {
        let learnt = [self::crowd([Comment::new(Vpos(0), "草")])];
        CrowdFigures::measure(crowd, &KnownTexts::of(&learnt), 100, 1)
    }

    /// Ten comments of which 1 is at the top, 2 at the bottom, 3 big, 4 small, 5 coloured and 1
    /// one-tap; 草 is known, twice.
    #[test]
    fn shares_count_what_they_say() {
        let mail = |at: usize| match at {
            0 => "ue small",
            1 => "shita small",
            2 => "shita big red",
            3 => "big red small", // the first size counts
            4 => "big #112233",
            5 => "small cyan",
            6 => "small red",
            _ => "184",
        };
        let comments = (0..10).map(|at| {
            let text = if at < 2 {
                "草".to_owned()
            } else {
                format!("{at}")
            };
            let fork = if at == 9 { Fork::Easy } else { Fork::Main };
            Comment::new(Vpos(at as i64 * 1_000), text)
                .mail(Mail::parse(mail(at)))
                .fork(fork)
        });
        let figures = measured(&crowd(comments));
        let shares = [
            (CrowdFigure::Known, 0.2),
            (CrowdFigure::EqualsNeighbor, 0.0), // 10 s apart
            (CrowdFigure::RepeatsOwn, 0.0),     // nobody knows whose
            (CrowdFigure::OneTap, 0.1),
            (CrowdFigure::Top, 0.1),
            (CrowdFigure::Bottom, 0.2),
            (CrowdFigure::Big, 0.3),
            (CrowdFigure::Small, 0.4),
            (CrowdFigure::Colored, 0.5),
        ];
        for (figure, expected) in shares {
            assert_eq!(figures.get(figure), expected, "{figure:?}");
        }
        assert_eq!(figures.comments, 10);
    }

    /// At 0 s a says w, at 5 s b, at 10.01 s a again: the first two are neighbours, the last is 5.01 s
    /// from b's. a's own x right after x is nobody's neighbour, but a repeat.
    #[test]
    fn neighbors_are_others_and_repeats_ones_own() {
        let comments = [
            (0, "a", "w"),
            (500, "b", "w"),
            (1_001, "a", "w"),
            (2_000, "a", "x"),
            (2_001, "a", "x"),
        ];
        let comments = comments.map(|(time, user, text)| Comment::new(Vpos(time), text).user(user));
        let figures = measured(&crowd(comments));
        assert_eq!(figures.get(CrowdFigure::EqualsNeighbor), 2.0 / 5.0);
        assert_eq!(figures.get(CrowdFigure::RepeatsOwn), 2.0 / 5.0);
    }

    /// Lengths 1, 2, 3, 4 have quartiles 1.75, 2.5 and 3.25. ab ab has 2 distinct characters of 4,
    /// 1 distinct pair of 2, and each is all of the other.
    #[test]
    fn lengths_and_variety_are_by_characters() {
        let lengths = ["あ", "いい", "ううう", "ええええ"].map(|text| Comment::new(Vpos(0), text));
        let figures = measured(&crowd(lengths));
        let quartiles = [
            CrowdFigure::LowerQuartile,
            CrowdFigure::MedianLength,
            CrowdFigure::UpperQuartile,
        ];
        assert_eq!(quartiles.map(|one| figures.get(one)), [1.75, 2.5, 3.25]);
        let figures = measured(&crowd(["ab", "ab"].map(|text| Comment::new(Vpos(0), text))));
        assert_eq!(figures.get(CrowdFigure::Distinct1), 0.5);
        assert_eq!(figures.get(CrowdFigure::Distinct2), 0.5);
        assert_eq!(figures.get(CrowdFigure::SelfBleu), 1.0);
    }

    #[test]
    fn nothing_has_no_figures() {
        let figures = measured(&crowd([]));
        assert!(CrowdFigure::ALL.iter().all(|one| figures.get(*one) == 0.0));
    }
}
