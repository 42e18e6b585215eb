use std::collections::BTreeMap;

use caption_metrics::{
    AttentionMap, GroundTruth, NameMap, NameSwap, NameTemplate, NamedAttention, Pairs,
};
use caption_model::Batch;

use super::{maps::Maps, posterior::Posteriors, probe::Probe};
use crate::error::Error;

/// The swap test of every character on `rows`, of which those with fewer than two characters in
/// view are left out.
///
/// Each character in view is named in each template, by the first of its names. Empty for a network
/// without attention.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn swap_test(
    probe: &Probe<'_>,
    rows: &[usize],
    templates: &[NameTemplate],
    truth: &GroundTruth,
    seed: u64,
) -> Result<Vec<NameSwap>, Error> {
    let mut comments = Pairs::new(usize::MAX);
    let mut places = Vec::new();
    for &row in rows {
        let everybody: Vec<usize> = truth.in_view(row).map(|(who, _)| who).collect();
        if everybody.len() < 2 {
            continue;
        }
        for &who in &everybody {
            let Some(&name) = truth.names(who).first() else {
                continue;
            };
            for template in templates {
                comments.push(row, &template.with(name));
                places.push((row, who, template.name_at()));
            }
        }
    }
    let mut forced: BTreeMap<(usize, usize), NamedAttention> = Default::default();
    for indices in comments.batches_by_length(probe.batch_size) {
        let batch = Batch::load(&comments, &indices, probe.source, probe.device)?;
        let Some(maps) = Maps::of(probe.network, &batch)? else {
            return Ok(Vec::new());
        };
        for (at, &index) in indices.iter().enumerate() {
            let (row, named, name_at) = places[index];
            let steps = comments.get(index).words.len() + 1;
            let entry = forced
                .entry((row, named))
                .or_insert_with(|| NamedAttention::new(row, named, truth.len()));
            for (masses, step) in entry.masses.iter_mut().zip(NameMap::ALL) {
                let Some(map) = maps.mean(at, step.steps(name_at, steps)) else {
                    continue;
                };
                let Some(map) = attention_map(probe, &map) else {
                    continue;
                };
                for (who, region) in truth.in_view(row) {
                    masses[who] += map.mass_in(region) / templates.len() as f64;
                }
            }
        }
    }
    let rows = forced.keys().map(|&(row, _)| row);
    if let Some(posteriors) = Posteriors::of(probe, rows, truth)? {
        for one in forced.values_mut() {
            let map = posteriors.get(one.row, one.named);
            let Some(map) = map.and_then(|map| attention_map(probe, map)) else {
                continue;
            };
            for (who, region) in truth.in_view(one.row) {
                one.posterior[who] = map.mass_in(region);
            }
        }
    }
    let forced: Vec<NamedAttention> = forced.into_values().collect();
    Ok(NameSwap::measure(&forced, truth, seed))
}

/// The map over the rows and columns of the pictures' encoder.
fn attention_map<'a>(probe: &Probe<'_>, weights: &'a [f32]) -> Option<AttentionMap<'a>> {
    let (rows, columns) = probe.source.encoder().rows_and_columns(weights.len())?;
    AttentionMap::with_grid(weights, rows, columns)
}
