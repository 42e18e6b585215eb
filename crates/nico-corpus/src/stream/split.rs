use std::{fmt, str::FromStr};

use super::episode::Episode;
use crate::split::Part;

/// How episodes are divided into those learnt from and those measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EpisodeSplit {
    /// Whole shows are held out, with all their seasons: of every ten by name the fifth, at least
    /// one where there are several. Nothing of their characters, words and viewers' jokes was
    /// learnt.
    #[default]
    Shows,
    /// The later seasons of shows that have several are held out. Seasons are folders whose names
    /// end in a number: `show-1`, `show-2`.
    Seasons,
    /// The last tenth of each episode is held out.
    Time,
}

impl EpisodeSplit {
    /// The part of each comment of each episode.
    #[must_use]
    pub fn parts(self, episodes: &[Episode]) -> Vec<Vec<Part>> {
        let mut shows: Vec<&str> = episodes.iter().map(Episode::show).collect();
        shows.sort_unstable();
        shows.dedup();
        let mut titles: Vec<&str> = shows.iter().map(|show| title(show)).collect();
        titles.sort_unstable();
        titles.dedup();
        let whole = |episode: &Episode, part| vec![part; episode.len()];
        let parts = episodes.iter().map(|episode| match self {
            Self::Shows => {
                let at = titles.partition_point(|one| *one < title(episode.show()));
                let is_last = (2..5).contains(&titles.len()) && at + 1 == titles.len();
                let is_dev = at % 10 == 4 || is_last;
                whole(episode, if is_dev { Part::Dev } else { Part::Train })
            }
            Self::Seasons => {
                let is_dev = season(episode.show()).is_some_and(|(name, number)| {
                    shows
                        .iter()
                        .filter_map(|show| season(show))
                        .any(|(other, before)| other == name && before < number)
                });
                whole(episode, if is_dev { Part::Dev } else { Part::Train })
            }
            Self::Time => {
                let end = episode.comments().next_back().map_or(0, |last| last.millis);
                let from = end / 10 * 9;
                let comments = episode.comments();
                comments
                    .map(|comment| {
                        if comment.millis >= from {
                            Part::Dev
                        } else {
                            Part::Train
                        }
                    })
                    .collect()
            }
        });
        parts.collect()
    }
}

/// A show's name without the number of the season.
fn title(show: &str) -> &str {
    season(show).map_or(show, |(title, _)| title)
}

/// A show's name and the number of the season.
fn season(show: &str) -> Option<(&str, u32)> {
    let (name, number) = show.rsplit_once('-')?;
    Some((name, number.parse().ok()?))
}

impl fmt::Display for EpisodeSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shows => "shows",
            Self::Seasons => "seasons",
            Self::Time => "time",
        })
    }
}

impl FromStr for EpisodeSplit {
    type Err = UnknownEpisodeSplit;

    fn from_str(name: &str) -> Result<Self, UnknownEpisodeSplit> {
        [Self::Shows, Self::Seasons, Self::Time]
            .into_iter()
            .find(|split| split.to_string() == name)
            .ok_or_else(|| UnknownEpisodeSplit {
                name: name.to_owned(),
            })
    }
}

/// No way to divide episodes has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no split of episodes is called {name:?}: it is shows, seasons or time")]
pub struct UnknownEpisodeSplit {
    /// The name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    fn episodes(names: &[&str]) -> Vec<Episode> {
        let comments = || (0..10).map(|at| Comment::new(Vpos(at * 1_000 + 1_000), "w"));
        let episode = |name: &&str| Episode::new(*name, comments(), Dialogue::default());
        names.iter().map(episode).collect()
    }

    fn held_out(split: EpisodeSplit, names: &[&str]) -> Vec<usize> {
        let parts = split.parts(&episodes(names));
        let dev = |parts: &Vec<Part>| parts.iter().filter(|part| **part == Part::Dev).count();
        parts.iter().map(dev).collect()
    }

    #[test]
    fn whole_shows_later_seasons_or_ends_are_held_out() {
        let names = ["a-1/01", "a-1/02", "a-2/01", "b/01"];
        assert_eq!(held_out(EpisodeSplit::Shows, &names), [0, 0, 0, 10]);
        assert_eq!(held_out(EpisodeSplit::Shows, &names[..3]), [0, 0, 0]); // a single show
        let seasons = ["a/01", "b-1/01", "b-2/01"];
        assert_eq!(held_out(EpisodeSplit::Shows, &seasons), [0, 10, 10]); // a show with all of them
        assert_eq!(held_out(EpisodeSplit::Seasons, &names), [0, 0, 10, 0]);
        assert_eq!(held_out(EpisodeSplit::Time, &names), [2; 4]); // of 10 s the last one
        let many: Vec<String> = (0..25).map(|show| format!("{show:02}/01")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let dev = held_out(EpisodeSplit::Shows, &many);
        assert_eq!((dev[4], dev[14], dev[24]), (10, 10, 10));
        assert_eq!(dev.iter().sum::<usize>(), 30);
        assert!("shows".parse() == Ok(EpisodeSplit::Shows) && "x".parse::<EpisodeSplit>().is_err());
    }
}
