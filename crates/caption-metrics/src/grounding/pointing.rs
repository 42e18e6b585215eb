use serde::{Deserialize, Serialize};

use super::{
    mention::{Look, Mention},
    truth::GroundTruth,
};
use crate::Estimate;

/// How often and how much the model looked at those it named: the pointing game (Zhang et al., "Top-down Neural Attention by
/// Excitation Backprop", ECCV 2016) and the mass in the box, at one of the [`NameStep`](super::NameStep)s.
///
/// ```
/// let aim = caption_metrics::Aim::default();
/// assert_eq!((aim.mentions, aim.pointing.value), (0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Aim {
    /// Mentions that have this map.
    pub mentions: usize,
    /// Share of maps whose peak lies in the box of who is named.
    pub pointing: Estimate,
    /// Share of the attention in that box.
    pub mass: Estimate,
}

/// The figures of one name, with what they are without looking.
///
/// ```
/// use caption_metrics::{NamePointing, NameStep};
///
/// let name = NamePointing { id: "ruri".into(), centre: 0.2, area: 0.1, usual: 0.3, ..NamePointing::default() };
/// assert_eq!(name.best_baseline(), 0.3);
/// assert_eq!(name.at(NameStep::Naming).mentions, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamePointing {
    /// Who.
    pub id: String,
    /// How often the name stands while its character is in view.
    pub mentions: usize,
    /// With the map that writes the name.
    pub naming: Aim,
    /// With the map that reads it.
    pub reading: Aim,
    /// With the maps that have read it.
    pub knowing: Aim,
    /// With the posterior of the locations given the name, where it is the first word: `α_i · p(name | aᵢ)`, normalised. The map
    /// that writes a first word is drawn before any word is; this says which of its locations spoke for the name.
    pub posterior: Aim,
    /// Baseline: the box's share of the picture, for the pointing game and for the mass.
    pub area: f64,
    /// Baseline: how often the picture's centre lies in the box.
    pub centre: f64,
    /// Baseline: how often the character's most frequent place in train does.
    pub usual: f64,
    /// Limit: the mean of 1 / number in view, what a map reaches that finds all figures and cannot know which of them will be named.
    /// A map drawn before anything tells who is meant goes beyond it only as far as names are said unequally often.
    pub any_figure: f64,
}

impl NamePointing {
    /// The highest baseline of the pointing game.
    pub fn best_baseline(&self) -> f64 {
        self.area.max(self.centre).max(self.usual)
    }

    /// The figures of one step.
    pub fn at(&self, step: super::NameStep) -> &Aim {
        match step {
            super::NameStep::Naming => &self.naming,
            super::NameStep::Reading => &self.reading,
            super::NameStep::Knowing => &self.knowing,
        }
    }

    /// The mean over names, each counted once. Intervals are the means of the names' and so wider than the mean's own.
    pub fn mean(names: &[Self]) -> Self {
        let named: Vec<&Self> = names.iter().filter(|name| name.mentions > 0).collect();
        let count = named.len().max(1) as f64;
        let mean = |get: fn(&Self) -> f64| named.iter().map(|name| get(name)).sum::<f64>() / count;
        let aims = |get: fn(&Self) -> &Aim| {
            let aims: Vec<&Aim> = named
                .iter()
                .map(|name| get(name))
                .filter(|aim| aim.mentions > 0)
                .collect();
            Aim {
                mentions: aims.iter().map(|aim| aim.mentions).sum(),
                pointing: mean_estimate(aims.iter().map(|aim| aim.pointing)),
                mass: mean_estimate(aims.iter().map(|aim| aim.mass)),
            }
        };
        Self {
            id: "mean".into(),
            mentions: named.iter().map(|name| name.mentions).sum(),
            naming: aims(|name| &name.naming),
            reading: aims(|name| &name.reading),
            knowing: aims(|name| &name.knowing),
            posterior: aims(|name| &name.posterior),
            area: mean(|name| name.area),
            centre: mean(|name| name.centre),
            usual: mean(|name| name.usual),
            any_figure: mean(|name| name.any_figure),
        }
    }
}

/// The mean of estimates and of their intervals' ends.
pub(crate) fn mean_estimate(estimates: impl ExactSizeIterator<Item = Estimate>) -> Estimate {
    let count = estimates.len().max(1) as f64;
    estimates.fold(Estimate::default(), |sum, one| Estimate {
        value: sum.value + one.value / count,
        low: sum.low + one.low / count,
        high: sum.high + one.high / count,
    })
}

/// The figures of every character, those never mentioned in view included.
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
            naming: aim(&mentions, |one| one.looks[0], seed),
            reading: aim(&mentions, |one| one.looks[1], seed),
            knowing: aim(&mentions, |one| one.looks[2], seed),
            posterior: aim(&mentions, |one| one.posterior, seed),
            area: mean(|one| one.area),
            centre: mean(|one| f64::from(u8::from(one.centre))),
            usual: mean(|one| f64::from(u8::from(one.usual))),
            any_figure: mean(|one| 1.0 / one.in_view.max(1) as f64),
        }
    };
    of.into_iter().enumerate().map(name).collect()
}

fn aim(mentions: &[&Mention], look: fn(&Mention) -> Option<Look>, seed: u64) -> Aim {
    let looks: Vec<(usize, Look)> = mentions
        .iter()
        .filter_map(|one| Some((one.group, look(one)?)))
        .collect();
    Aim {
        mentions: looks.len(),
        pointing: Estimate::grouped_mean(
            looks
                .iter()
                .map(|(group, look)| (*group, f64::from(u8::from(look.hit)))),
            seed,
        ),
        mass: Estimate::grouped_mean(looks.iter().map(|(group, look)| (*group, look.mass)), seed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(group: usize, hit: bool, mass: f64) -> Mention {
        let look = Look { hit, mass };
        Mention {
            character: 0,
            group,
            position: 0,
            in_view: 2,
            looks: [Some(look), None, Some(Look { hit: !hit, ..look })],
            posterior: Some(look),
            area: 0.25,
            centre: group == 0,
            usual: true,
        }
    }

    /// Three of four maps hit, with masses 0.9, 0.7, 0.5 and 0.1: 0.75 and 0.55; the centre is right in the two of group 0.
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
        assert_eq!(names[0].naming.pointing.value, 0.75);
        assert!((names[0].naming.mass.value - 0.55).abs() < 1e-12);
        assert_eq!(names[0].knowing.pointing.value, 0.25);
        assert_eq!(names[0].reading.mentions, 0);
        let baselines = (names[0].area, names[0].centre, names[0].usual);
        assert_eq!(baselines, (0.25, 0.5, 1.0));
        assert_eq!(names[0].any_figure, 0.625); // alone once, one of two three times
        assert_eq!(names[1].mentions, 0);
        // Who was never mentioned does not pull the mean down.
        assert_eq!(NamePointing::mean(&names).naming.pointing.value, 0.75);
    }
}
