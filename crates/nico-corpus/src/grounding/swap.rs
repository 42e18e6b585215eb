use burn::tensor::Device;
use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use super::{
    map::AttentionMap,
    mentions::{Maps, NameStep},
    pointing::mean_estimate,
    posterior::Posteriors,
    templates::NameTemplate,
    truth::GroundTruth,
};
use crate::{
    data::{Batch, Pairs, plan_in_order},
    error::Error,
    evaluate::Estimate,
    model::Network,
};

/// The swap test of every character on `rows`, of which those with fewer than two characters in view are left out.
///
/// Each character in view is named in each template, by the first of its names. Empty for a network without attention.
///
/// # Errors
///
/// Fails if a row cannot be read from the store.
#[expect(
    clippy::too_many_arguments,
    reason = "a measurement names all it depends on"
)]
pub fn swap_test(
    network: &Network,
    rows: &[usize],
    templates: &[NameTemplate],
    store: &FeatureStore,
    truth: &GroundTruth,
    batch_size: usize,
    seed: u64,
    device: &Device,
) -> Result<Vec<NameSwap>, Error> {
    let mut comments = Pairs::new(usize::MAX);
    let mut asked = Vec::new();
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
                asked.push((row, who, template.name_at()));
            }
        }
    }
    let mut forced: std::collections::BTreeMap<(usize, usize), Forced> = Default::default();
    for indices in plan_in_order(&comments, batch_size) {
        let batch = Batch::load(&comments, &indices, store, device)?;
        let Some(maps) = Maps::of(network, &batch)? else {
            return Ok(Vec::new());
        };
        for (at, &index) in indices.iter().enumerate() {
            let (row, named, name_at) = asked[index];
            let steps = comments.get(index).words.len() + 1;
            let entry = forced.entry((row, named)).or_insert_with(|| Forced {
                row,
                named,
                masses: std::array::from_fn(|_| vec![0.0; truth.len()]),
            });
            for (masses, step) in entry.masses.iter_mut().zip(NameStep::ALL) {
                let Some(map) = maps.mean(at, step.steps(name_at, steps)) else {
                    continue;
                };
                let Some(map) = AttentionMap::new(&map) else {
                    continue;
                };
                for (who, region) in truth.in_view(row) {
                    masses[who] += map.mass_in(region) / templates.len() as f64;
                }
            }
        }
    }
    let rows = forced.keys().map(|&(row, _)| row);
    if let Some(posteriors) = Posteriors::of(network, rows, store, truth, device)? {
        for one in forced.values_mut() {
            let map = posteriors.get(one.row, one.named);
            let Some(map) = map.and_then(AttentionMap::new) else {
                continue;
            };
            for (who, region) in truth.in_view(one.row) {
                one.masses[3][who] = map.mass_in(region);
            }
        }
    }
    Ok(scores(
        &forced.into_values().collect::<Vec<_>>(),
        truth,
        seed,
    ))
}

