use std::collections::{BTreeMap, HashMap, HashSet};

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::cases::{ChoiceCase, ChoiceTruth, candidate};
use crate::stream::Episode;

/// Candidates of a case.
const CANDIDATES: usize = 100;
/// How far away the false ones were written, milliseconds.
const APART: i64 = 30_000;
/// Distinct comments in the second of a case.
const AT_LEAST: usize = 5;
/// Comments of an episode that cases are drawn from.
const FEWEST: usize = 800;
/// Nothing of the first seconds, which have no past.
const FROM_SECOND: i64 = 20;

/// How cases are drawn. Made by `default()` and the setters.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ChoiceOptions {
    /// Most true candidates of a case. Default: 5.
    pub most_true: usize,
    /// Most cases of an episode. Default: 8.
    pub per_episode: usize,
    /// Whether false candidates come from after the moment only. Those from before it can be
    /// known by having been read already. Moments that are not followed by enough of them, near
    /// the end, are left out: among fewer the true ones are found by chance. Default: no.
    pub later: bool,
    /// Seed of what is drawn. Default: 1.
    pub seed: u64,
}

impl Default for ChoiceOptions {
    fn default() -> Self {
        Self {
            most_true: 5,
            per_episode: 8,
            later: false,
            seed: 1,
        }
    }
}

impl ChoiceOptions {
    /// Sets [`most_true`](Self::most_true).
    #[must_use]
    pub fn most_true(mut self, candidates: usize) -> Self {
        self.most_true = candidates;
        self
    }

    /// Sets [`per_episode`](Self::per_episode).
    #[must_use]
    pub fn per_episode(mut self, cases: usize) -> Self {
        self.per_episode = cases;
        self
    }

    /// Sets [`later`](Self::later).
    #[must_use]
    pub fn later(mut self, later: bool) -> Self {
        self.later = later;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// Draws cases from episodes of 800 comments or more: seconds in which five or more distinct
/// comments were written. True candidates are some of them, the false ones, 100 in all, other
/// comments of the same episode that were written at least 30 s away. Ids count moments that are
/// [left out](ChoiceOptions::later), too.
#[must_use]
pub fn draw_choices(
    episodes: &[Episode],
    options: &ChoiceOptions,
) -> (Vec<ChoiceCase>, Vec<ChoiceTruth>) {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let (mut cases, mut truths) = (Vec::new(), Vec::new());
    let mut id = 0;
    for episode in episodes {
        let folded: Vec<(usize, String)> = episode
            .comments()
            .filter_map(|comment| Some((comment.index, candidate(comment.text)?)))
            .collect();
        if folded.len() < FEWEST {
            continue;
        }
        let mut seconds = BTreeMap::<i64, Vec<&(usize, String)>>::new();
        for one in &folded {
            let second = episode.comment(one.0).millis.div_euclid(1_000);
            seconds.entry(second).or_default().push(one);
        }
        let mut chosen: Vec<i64> = seconds
            .iter()
            .filter(|(second, comments)| {
                let distinct: HashSet<&str> = comments.iter().map(|one| &*one.1).collect();
                **second > FROM_SECOND && distinct.len() >= AT_LEAST
            })
            .map(|(second, _)| *second)
            .collect();
        chosen.shuffle(&mut rng);
        chosen.truncate(options.per_episode);
        chosen.sort_unstable();
        let mut far: Vec<&(usize, String)> = folded.iter().collect();
        for second in chosen {
            let now = &seconds[&second];
            let mut first = HashMap::<&str, usize>::new();
            for (index, text) in now.iter().copied() {
                first.entry(text).or_insert(*index);
            }
            let mut truth: Vec<usize> = first.values().copied().collect();
            truth.sort_unstable(); // not in the order of the map, which differs from run to run
            truth.shuffle(&mut rng);
            truth.truncate(options.most_true);
            let mut seen: HashSet<&str> = first.keys().copied().collect();
            let mut candidates: Vec<(usize, bool)> =
                truth.into_iter().map(|index| (index, true)).collect();
            far.shuffle(&mut rng);
            for (index, text) in far.iter().copied() {
                if candidates.len() >= CANDIDATES {
                    break;
                }
                let after = episode.comment(*index).millis - second * 1_000;
                let apart = if options.later { after } else { after.abs() };
                if apart >= APART && seen.insert(text) {
                    candidates.push((*index, false));
                }
            }
            candidates.shuffle(&mut rng);
            id += 1;
            if options.later && candidates.len() < CANDIDATES {
                continue;
            }
            let mut exclude: Vec<String> = now
                .iter()
                .filter_map(|one| episode.user_name(episode.comment(one.0).user?))
                .map(str::to_owned)
                .collect();
            exclude.sort_unstable();
            exclude.dedup();
            let texts = candidates.iter().map(|one| episode.comment(one.0).text);
            cases.push(ChoiceCase {
                id,
                episode: episode.name().to_owned(),
                time: second as f64,
                exclude,
                candidates: texts.map(str::to_owned).collect(),
            });
            let numbered = candidates.iter().enumerate();
            truths.push(ChoiceTruth {
                id,
                is_true: numbered
                    .filter(|(_, one)| one.1)
                    .map(|(at, _)| at)
                    .collect(),
            });
        }
    }
    (cases, truths)
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// Ten comments a second for 100 seconds: in each second five texts that belong to it, twice,
    /// by users of their own.
    fn episode(name: &str) -> Episode {
        let comments = (0..1_000i64).map(|at| {
            let (second, number) = (at / 10, at % 10);
            Comment::new(
                Vpos(second * 100 + number),
                format!("{second}の{}", number % 5),
            )
            .no(at)
            .user(format!("{second}-{number}"))
        });
        Episode::new(name, comments, Dialogue::default())
    }

    #[test]
    fn true_candidates_are_of_the_second_and_false_ones_far_away() {
        let episodes = [episode("a/01"), episode("a/02")];
        let options = ChoiceOptions::default();
        let (cases, truths) = draw_choices(&episodes, &options);
        assert_eq!((cases.len(), truths.len()), (16, 16));
        for (case, truth) in cases.iter().zip(&truths) {
            assert_eq!((case.id, case.candidates.len()), (truth.id, 100));
            assert_eq!((truth.is_true.len(), case.exclude.len()), (5, 10));
            assert!(case.time > 20.0);
            for (at, text) in case.candidates.iter().enumerate() {
                let second: f64 = text.split_once('の').unwrap().0.parse().unwrap();
                if truth.is_true.contains(&at) {
                    assert_eq!(second, case.time);
                } else {
                    assert!(
                        (second - case.time).abs() >= 29.0,
                        "{text} at {}",
                        case.time
                    );
                }
            }
            let distinct: HashSet<&String> = case.candidates.iter().collect();
            assert_eq!(distinct.len(), 100);
        }
        assert_eq!(draw_choices(&episodes, &options), (cases.clone(), truths));
        let (other, _) = draw_choices(&episodes, &options.seed(2));
        assert_ne!(other, cases);
        let (later, truths) = draw_choices(&episodes, &options.later(true));
        for (case, truth) in later.iter().zip(&truths) {
            assert_eq!((case.id, case.candidates.len()), (truth.id, 100));
            let numbered = case.candidates.iter().enumerate();
            for (_, text) in numbered.filter(|one| !truth.is_true.contains(&one.0)) {
                let second: f64 = text.split_once('の').unwrap().0.parse().unwrap();
                assert!(second >= case.time + 29.0, "{text} at {}", case.time);
            }
        }
        let (_, single) = draw_choices(&episodes, &options.most_true(1));
        assert!(single.iter().all(|truth| truth.is_true.len() == 1));
    }

    /// Five texts a second: from second 52 on fewer than 95 come 30 s later.
    #[test]
    fn moments_that_too_little_follows_are_left_out() {
        let options = ChoiceOptions::default().per_episode(100);
        let all = draw_choices(&[episode("a/01")], &options).0;
        let (later, truths) = draw_choices(&[episode("a/01")], &options.later(true));
        let times = |cases: &[ChoiceCase]| -> Vec<(u64, f64)> {
            cases.iter().map(|case| (case.id, case.time)).collect()
        };
        let mut expected = times(&all);
        expected.retain(|(_, second)| *second <= 51.0);
        assert_eq!((all.len(), expected.len()), (79, 31));
        assert_eq!(times(&later), expected);
        assert_eq!(truths.len(), 31);
    }

    #[test]
    fn episodes_of_few_comments_have_no_cases() {
        let few = Episode::new("a", [Comment::new(Vpos(3_000), "w")], Dialogue::default());
        assert!(draw_choices(&[few], &ChoiceOptions::default()).0.is_empty());
    }
}
