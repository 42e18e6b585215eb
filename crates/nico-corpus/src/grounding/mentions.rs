use caption_metrics::{
    FrequentPositions, GroundTruth, Mention, MentionMaps, NameMap, NamePosition, Pairs,
};
use caption_model::Batch;

use super::{maps::Maps, posterior::Posteriors, probe::Probe};
use crate::error::Error;

/// Where a network looks at the names of `pairs`, teacher forced; `usual` are the places of the
/// baseline that does not look. Empty for a network without attention.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn mentions(
    probe: &Probe<'_>,
    pairs: &Pairs,
    truth: &GroundTruth,
    usual: &FrequentPositions,
) -> Result<Vec<Mention>, Error> {
    let mut mentions = Vec::new();
    let named = pairs_with_names(pairs, truth);
    let first_words = named.iter().filter(|pair| {
        let first = pair
            .words
            .first()
            .and_then(|&word| truth.character_of(word));
        first.is_some_and(|who| truth.bounding_box(pair.row, who).is_some())
    });
    let rows = first_words.map(|pair| pair.row);
    let Some(posteriors) = Posteriors::of(probe, rows, truth)? else {
        return Ok(Vec::new());
    };
    for indices in named.batches_by_length(probe.batch_size) {
        let batch = Batch::load(&named, &indices, probe.source, probe.device)?;
        let Some(maps) = Maps::of(probe.network, &batch)? else {
            return Ok(Vec::new());
        };
        for (at, &index) in indices.iter().enumerate() {
            let pair = named.get(index);
            for (position, &word) in pair.words.iter().enumerate() {
                let Some(character) = truth.character_of(word) else {
                    continue;
                };
                let steps = pair.words.len() + 1;
                let means = NameMap::ALL.map(|step| maps.mean(at, step.steps(position, steps)));
                let posterior = posteriors
                    .get(pair.row, character)
                    .filter(|_| position == 0);
                let named = NamePosition {
                    row: pair.row,
                    character,
                    position,
                };
                let maps = MentionMaps {
                    maps: means.each_ref().map(Option::as_deref),
                    posterior,
                    grid: probe.source.encoder().grid,
                };
                mentions.extend(Mention::new(named, maps, truth, usual));
            }
        }
    }
    Ok(mentions)
}

/// The comments that name somebody.
fn pairs_with_names(pairs: &Pairs, truth: &GroundTruth) -> Pairs {
    let mut named = Pairs::new(usize::MAX);
    for pair in pairs.iter() {
        if pair
            .words
            .iter()
            .any(|&word| truth.character_of(word).is_some())
        {
            named.push(pair.row, pair.words);
        }
    }
    named
}
