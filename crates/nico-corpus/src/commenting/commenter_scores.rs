use std::collections::{HashMap, hash_map::Entry};

use caption_model::{
    Commenter,
    commenter::{Inputs, MatchMoment, Stream},
};

use super::{
    cases::{ChoiceCase, ChoiceScores},
    streams::StreamForm,
};
use crate::{error::Error, stream::Episode};

/// By what a commenter chooses among candidates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChoiceBy {
    /// The matcher's score.
    Match,
    /// How much likelier the moment makes the comment than the video does anyway: log p(comment | moment) −
    /// log p(comment | video).
    Likelihood,
    /// The matcher's score, and so many times the other.
    Both(f64),
}

/// The scores that a commenter gives to the candidates of all cases, reading `inputs`.
///
/// # Errors
///
/// Fails if a network that is asked for was not trained, if a case is of an episode that is not
/// there, and if the device fails.
pub fn score_with_commenter(
    commenter: &Commenter,
    by: ChoiceBy,
    cases: &[ChoiceCase],
    episodes: &[Episode],
    inputs: Inputs,
) -> Result<Vec<ChoiceScores>, Error> {
    let by_name: HashMap<&str, &Episode> = episodes.iter().map(|one| (one.name(), one)).collect();
    let mut streams = HashMap::<&str, Stream>::new();
    let mut scores = Vec::with_capacity(cases.len());
    for case in cases {
        let name = case.episode.as_str();
        let episode = by_name.get(name).ok_or_else(|| Error::NoSuchEpisode {
            id: case.id,
            episode: case.episode.clone(),
        })?;
        let stream = match streams.entry(name) {
            Entry::Occupied(stream) => stream.into_mut(),
            Entry::Vacant(place) => place.insert(StreamForm::of(commenter).stream(episode)?),
        };
        let excluded = case.excluded(episode);
        let moment = MatchMoment {
            millis: case.past(episode).millis(),
            excluded: &excluded,
            inputs,
        };
        scores.push(ChoiceScores {
            id: case.id,
            scores: score_case(commenter, by, stream, &moment, case)?,
        });
    }
    Ok(scores)
}

fn score_case(
    commenter: &Commenter,
    by: ChoiceBy,
    stream: &Stream,
    moment: &MatchMoment<'_>,
    case: &ChoiceCase,
) -> Result<Vec<f64>, Error> {
    let candidates: Vec<&str> = case.candidates.iter().map(String::as_str).collect();
    let matched = || commenter.match_scores(stream, moment, &candidates);
    let gained = || commenter.likelihood_gains(stream, moment, &candidates);
    Ok(match by {
        ChoiceBy::Match => matched()?,
        ChoiceBy::Likelihood => gained()?,
        ChoiceBy::Both(weight) => {
            let both = matched()?.into_iter().zip(gained()?);
            both.map(|(matched, gained)| matched + weight * gained)
                .collect()
        }
    })
}
