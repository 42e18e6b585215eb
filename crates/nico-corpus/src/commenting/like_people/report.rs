use std::{collections::HashMap, fmt::Write};

use caption_metrics::Estimate;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    figures::{CrowdFigure, CrowdFigures, KnownTexts},
    viewers::{halves, of_some_viewers},
};
use crate::stream::Episode;

/// Most comments of an episode that variety is measured on.
const VARIED: usize = 500;

/// How near a figure is to people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CrowdLikeness {
    /// At most 20 % from people's.
    Within20,
    /// At most 40 % from people's.
    Within40,
    /// Farther away.
    Beyond,
}

impl CrowdLikeness {
    /// How near `crowd` is to `people`, in shares of the latter.
    ///
    /// ```
    /// use nico_corpus::commenting::CrowdLikeness;
    ///
    /// let of = |crowd| CrowdLikeness::of(crowd, 0.10);
    /// assert_eq!([0.09, 0.13, 0.15].map(of), [
    ///     CrowdLikeness::Within20,
    ///     CrowdLikeness::Within40,
    ///     CrowdLikeness::Beyond,
    /// ]);
    /// assert_eq!(CrowdLikeness::of(0.0, 0.0), CrowdLikeness::Within20);
    /// ```
    #[must_use]
    pub fn of(crowd: f64, people: f64) -> Self {
        let apart = (crowd - people).abs();
        // Rounding must not decide at the limits themselves.
        let within = |share: f64| apart <= share * people.abs() + 1e-12;
        if within(0.2) {
            Self::Within20
        } else if within(0.4) {
            Self::Within40
        } else {
            Self::Beyond
        }
    }

    /// `20 %`, `40 %` or `beyond`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Within20 => "20 %",
            Self::Within40 => "40 %",
            Self::Beyond => "beyond",
        }
    }
}

/// A figure of two sets of comments: means over episodes with their intervals.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct FigureRow {
    /// Which one.
    pub figure: CrowdFigure,
    /// Of the comments in question.
    pub crowd: Estimate,
    /// Of people, at equal numbers of comments.
    pub people: Estimate,
    /// How near they are.
    pub likeness: CrowdLikeness,
}

/// Whether comments are like people's. What two halves of the viewers of the same episodes differ
/// by says how much of a difference is chance.
#[derive(Clone, Debug, Serialize)]
pub struct LikePeopleReport {
    /// Episodes measured.
    pub episodes: usize,
    /// Mean number of comments of an episode that the figures are of.
    pub comments: f64,
    /// The figures.
    pub figures: Vec<FigureRow>,
}

impl LikePeopleReport {
    /// One half of the viewers of each episode against the other half.
    #[must_use]
    pub fn of_halves(episodes: &[Episode], train: &[Episode], seed: u64) -> Self {
        let known = KnownTexts::of(train);
        let pairs = episodes.par_iter().map(|episode| halves(episode, seed));
        Self::measure(pairs, &known, seed)
    }

    /// A crowd's episodes against people's of the same names. The side with more comments is
    /// reduced to viewers who wrote as many as the other. Episodes without their like are left
    /// out; none is where the names have nothing in common.
    #[must_use]
    pub fn of_crowd(
        crowd: &[Episode],
        people: &[Episode],
        train: &[Episode],
        seed: u64,
    ) -> Option<Self> {
        let known = KnownTexts::of(train);
        let by_name: HashMap<&str, &Episode> = people.iter().map(|one| (one.name(), one)).collect();
        let pairs: Vec<(&Episode, &Episode)> = crowd
            .iter()
            .filter_map(|one| Some((one, *by_name.get(one.name())?)))
            .filter(|(crowd, people)| !crowd.is_empty() && !people.is_empty())
            .collect();
        let equal = pairs.par_iter().map(|(crowd, people)| {
            let most = crowd.len().min(people.len());
            [crowd, people].map(|side| of_some_viewers(side, most, seed))
        });
        (!pairs.is_empty()).then(|| Self::measure(equal, &known, seed))
    }

    fn measure(
        pairs: impl IndexedParallelIterator<Item = [Episode; 2]>,
        known: &KnownTexts<'_>,
        seed: u64,
    ) -> Self {
        let measured: Vec<[CrowdFigures; 2]> = pairs
            .map(|pair| {
                let fewest = pair.iter().map(Episode::len).min().unwrap_or(0);
                pair.map(|side| CrowdFigures::measure(&side, known, fewest.min(VARIED), seed))
            })
            .collect();
        let estimate = |side: usize, figure: CrowdFigure| {
            let values: Vec<f64> = measured.iter().map(|pair| pair[side].get(figure)).collect();
            Estimate::mean(&values, seed)
        };
        let figures = CrowdFigure::ALL.map(|figure| {
            let (crowd, people) = (estimate(0, figure), estimate(1, figure));
            FigureRow {
                figure,
                crowd,
                people,
                likeness: CrowdLikeness::of(crowd.value, people.value),
            }
        });
        let comments: usize = measured.iter().map(|pair| pair[0].comments).sum();
        Self {
            episodes: measured.len(),
            comments: comments as f64 / measured.len().max(1) as f64,
            figures: figures.into(),
        }
    }

    /// The figures as a table in Markdown; `crowd` is what the first column is of.
    #[must_use]
    pub fn text(&self, crowd: &str) -> String {
        let mut text = format!("| like people | {crowd} | people | within |\n|---|---|---|---|\n");
        for row in &self.figures {
            let shown = |estimate: Estimate| match row.figure {
                share if share.is_share() => format!("{:.1} %", estimate.scaled(100.0)),
                CrowdFigure::LowerQuartile
                | CrowdFigure::MedianLength
                | CrowdFigure::UpperQuartile => format!("{estimate:.1}"),
                _ => format!("{estimate:.3}"),
            };
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                row.figure.as_str(),
                shown(row.crowd),
                shown(row.people),
                row.likeness.as_str()
            );
        }
        let _ = writeln!(
            text,
            "\nMeans over {} episodes of {:.0} comments, with intervals over episodes.",
            self.episodes, self.comments
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// 40 viewers of an episode write five comments each; `text` chooses which.
    fn episode(name: &str, text: impl Fn(i64) -> String) -> Episode {
        let comments = (0..200i64)
            .map(|at| Comment::new(Vpos(at * 50), text(at)).user(format!("{}", at % 40)));
        Episode::new(name, comments, Dialogue::default())
    }

    fn row(report: &LikePeopleReport, figure: CrowdFigure) -> &FigureRow {
        let mut rows = report.figures.iter();
        rows.find(|row| row.figure == figure).unwrap()
    }

    #[test]
    fn halves_of_the_same_crowd_are_alike() {
        let people = [
            episode("a/01", |at| format!("{}", at % 3)),
            episode("a/02", |at| format!("{}", at % 4)),
        ];
        let report = LikePeopleReport::of_halves(&people, &people, 1);
        assert_eq!((report.episodes, report.comments), (2, 100.0));
        assert_eq!(row(&report, CrowdFigure::Known).crowd.value, 1.0);
        assert!(
            report
                .figures
                .iter()
                .all(|row| row.likeness == CrowdLikeness::Within20),
            "{}",
            report.text("half")
        );
    }

    /// People say three things, the crowd something else each time: nothing is repeated, all is
    /// new, and it is more varied.
    #[test]
    fn a_crowd_unlike_people_is_told() {
        let people = [
            episode("a/01", |at| format!("{}", at % 3)),
            episode("b/01", |_| "w".into()),
        ];
        let crowd = [
            episode("a/01", |at| format!("long comment {at}")),
            episode("c/01", |_| "w".into()),
        ];
        let report = LikePeopleReport::of_crowd(&crowd, &people, &people[..1], 1).unwrap();
        assert_eq!(report.episodes, 1);
        for figure in [
            CrowdFigure::Known,
            CrowdFigure::RepeatsOwn,
            CrowdFigure::MedianLength,
            CrowdFigure::Distinct2,
        ] {
            assert_eq!(
                row(&report, figure).likeness,
                CrowdLikeness::Beyond,
                "{figure:?}"
            );
        }
        assert_eq!(
            row(&report, CrowdFigure::Top).likeness,
            CrowdLikeness::Within20
        );
        assert!(
            report
                .text("crowd")
                .contains("| word for word in train | 0.0 [0.0, 0.0] % | 100.0")
        );
        assert!(LikePeopleReport::of_crowd(&crowd[1..], &people, &people, 1).is_none());
    }

    /// A crowd of ten viewers' fifty comments is compared with fifty of people's, not with two
    /// hundred.
    #[test]
    fn numbers_are_made_equal() {
        let people = [episode("a/01", |at| format!("{at:03}"))];
        let is_of_ten = |text: &str| text.parse::<u32>().is_ok_and(|number| number % 40 < 10);
        let crowd = [people[0].keeping(|comment| is_of_ten(comment.text))];
        let report = LikePeopleReport::of_crowd(&crowd, &people, &[], 1).unwrap();
        assert_eq!(report.comments, 50.0);
        let distinct = row(&report, CrowdFigure::Distinct1);
        assert_eq!(distinct.people.value, 10.0 / 150.0); // of two hundred it would be 10 of 600
        assert_eq!(distinct.likeness, CrowdLikeness::Within20);
    }
}
