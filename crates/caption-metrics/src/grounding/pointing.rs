use serde::{Deserialize, Serialize};

use super::{
    ground_truth::GroundTruth,
    mention::{MapScore, Mention},
    name_map::NameMap,
};
use crate::bootstrap::Estimate;

/// Pointing game and attention mass in the box: how often and how much the model looked at those it
/// named (Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016) and the mass
/// in the box, at one of the [`NameMap`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointingScore {
    /// Mentions that have this map.
    pub mentions: usize,
    /// Share of maps whose peak lies in the box of who is named.
    pub pointing: Estimate,
    /// Share of the attention in that box.
    pub mass: Estimate,
}

/// Pointing game of one name: its scores at each step, beside baselines that do not look.
///
/// See [`Mention`] for how they are made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamePointing {
    /// Who.
    pub id: String,
    /// How often the name stands while its character is in view.
    pub mentions: usize,
    /// With the map that writes the name.
    #[serde(rename = "naming")]
    pub before: PointingScore,
    /// With the map that reads it.
    #[serde(rename = "reading")]
    pub at: PointingScore,
    /// With the maps that have read it.
    #[serde(rename = "knowing")]
    pub after: PointingScore,
    /// With the posterior of the locations given the name, where it is the first word:
    /// `α_i · p(name | aᵢ)`, normalised. The map that writes a first word is drawn before any word
    /// is; this says which of its locations spoke for the name.
    pub posterior: PointingScore,
    /// Baseline: the box's share of the picture, for the pointing game and for the mass.
    pub area: f64,
    /// Baseline: how often the picture's centre lies in the box.
    pub centre: f64,
    /// Baseline: how often the character's most frequent place in train does.
    pub usual: f64,
    /// Limit: the mean of 1 / number in view, what a map reaches that finds all figures and cannot
    /// know which of them will be named. A map drawn before anything tells who is meant goes beyond
    /// it only as far as names are said unequally often.
    pub any_figure: f64,
}

impl NamePointing {
    /// The highest baseline of the pointing game.
    #[must_use]
    pub fn best_baseline(&self) -> f64 {
        self.area.max(self.centre).max(self.usual)
    }

    /// The scores of one of the maps.
    #[must_use]
    pub fn score(&self, map: NameMap) -> &PointingScore {
        match map {
            NameMap::Before => &self.before,
            NameMap::At => &self.at,
            NameMap::After => &self.after,
        }
    }

    /// The mean over names, each counted once. Intervals are the means of the names' and so wider
    /// than the mean's own.
    #[must_use]
    pub fn mean(names: &[Self]) -> Self {
        let named: Vec<&Self> = names.iter().filter(|name| name.mentions > 0).collect();
        let count = named.len().max(1) as f64;
        let mean = |get: fn(&Self) -> f64| named.iter().map(|name| get(name)).sum::<f64>() / count;
        let scores = |get: fn(&Self) -> &PointingScore| {
            let scores: Vec<&PointingScore> = named
                .iter()
                .map(|name| get(name))
                .filter(|score| score.mentions > 0)
                .collect();
            PointingScore {
                mentions: scores.iter().map(|score| score.mentions).sum(),
                pointing: Estimate::average(scores.iter().map(|score| score.pointing)),
                mass: Estimate::average(scores.iter().map(|score| score.mass)),
            }
        };
        Self {
            id: "mean".into(),
            mentions: named.iter().map(|name| name.mentions).sum(),
            before: scores(|name| &name.before),
            at: scores(|name| &name.at),
            after: scores(|name| &name.after),
            posterior: scores(|name| &name.posterior),
            area: mean(|name| name.area),
            centre: mean(|name| name.centre),
            usual: mean(|name| name.usual),
            any_figure: mean(|name| name.any_figure),
        }
    }
}

/// Pointing game of every character, those never mentioned in view included.
#[must_use]
pub fn pointing<'a>(
    mentions: impl IntoIterator<Item = &'a Mention>,
    truth: &GroundTruth,
    seed: u64,
) -> Vec<NamePointing> {
    let mut of: Vec<Vec<&Mention>> = vec![Vec::new(); truth.len()];
    for mention in mentions {
        of[mention.character].push(mention);
    }
    let name = |(who, mentions): (usize, Vec<&Mention>)| {
        let count = mentions.len().max(1) as f64;
        let mean =
            |get: fn(&Mention) -> f64| mentions.iter().map(|one| get(one)).sum::<f64>() / count;
        NamePointing {
            id: truth.id(who).to_owned(),
            mentions: mentions.len(),
            before: pointing_score(&mentions, |one| one.scores[0], seed),
            at: pointing_score(&mentions, |one| one.scores[1], seed),
            after: pointing_score(&mentions, |one| one.scores[2], seed),
            posterior: pointing_score(&mentions, |one| one.posterior, seed),
            area: mean(|one| one.area),
            centre: mean(|one| f64::from(u8::from(one.centre))),
            usual: mean(|one| f64::from(u8::from(one.usual))),
            any_figure: mean(|one| 1.0 / one.in_view.max(1) as f64),
        }
    };
    of.into_iter().enumerate().map(name).collect()
}

fn pointing_score(
    mentions: &[&Mention],
    get: fn(&Mention) -> Option<MapScore>,
    seed: u64,
) -> PointingScore {
    let scores: Vec<(usize, MapScore)> = mentions
        .iter()
        .filter_map(|one| Some((one.group, get(one)?)))
        .collect();
    PointingScore {
        mentions: scores.len(),
        pointing: Estimate::grouped_mean(
            scores
                .iter()
                .map(|(group, score)| (*group, f64::from(u8::from(score.hit)))),
            seed,
        ),
        mass: Estimate::grouped_mean(
            scores.iter().map(|(group, score)| (*group, score.mass)),
            seed,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(group: usize, hit: bool, mass: f64) -> Mention {
        let score = MapScore { hit, mass };
        Mention {
            character: 0,
            group,
            position: 0,
            in_view: 2,
            scores: [Some(score), None, Some(MapScore { hit: !hit, ..score })],
            posterior: Some(score),
            area: 0.25,
            centre: group == 0,
            usual: true,
        }
    }

    /// Three of four maps hit, with masses 0.9, 0.7, 0.5 and 0.1: 0.75 and 0.55; the centre is
    /// right in the two of group 0.
    #[test]
    fn figures_of_known_mentions() {
        let mut truth = GroundTruth::new(1);
        truth.add_character("one", [4]);
        truth.add_character("other", [5]);
        let mentions = [
            Mention {
                in_view: 1,
                ..mention(0, true, 0.9)
            },
            mention(0, true, 0.7),
            mention(1, true, 0.5),
            mention(2, false, 0.1),
        ];
        let names = pointing(&mentions, &truth, 1);
        assert_eq!(names[0].before.pointing.value, 0.75);
        assert!((names[0].before.mass.value - 0.55).abs() < 1e-12);
        assert_eq!(names[0].after.pointing.value, 0.25);
        assert_eq!(names[0].at.mentions, 0);
        let baselines = (names[0].area, names[0].centre, names[0].usual);
        assert_eq!(baselines, (0.25, 0.5, 1.0));
        assert_eq!(names[0].any_figure, 0.625); // alone once, one of two three times
        assert_eq!(names[1].mentions, 0);
        // Who was never mentioned does not pull the mean down.
        assert_eq!(NamePointing::mean(&names).before.pointing.value, 0.75);
    }
}
