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

/// The swap test of one name: on frames with A and somebody else B, the attention on A when the model is forced to write A, less
/// that when it is forced to write B in the same comment. 0: the model looks at the same places whoever is named.
///
/// ```
/// let swap = caption_model::evaluate::NameSwap::default();
/// assert_eq!(swap.pairs, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NameSwap {
    /// Who A is.
    pub id: String,
    /// Frames with A and one B, each with every template.
    pub pairs: usize,
    /// With the map that writes the name: 0 by construction, since that map does not know the name (see [`NameStep`]).
    pub naming: Estimate,
    /// With the map that reads it: 0 for the same reason.
    pub reading: Estimate,
    /// With the maps that have read it.
    pub knowing: Estimate,
    /// With the posterior of the locations given the name as the first word (see [`NamePointing`](super::NamePointing)).
    pub posterior: Estimate,
}

impl NameSwap {
    /// The mean over names, each counted once.
    pub fn mean(names: &[Self]) -> Self {
        let named: Vec<&Self> = names.iter().filter(|name| name.pairs > 0).collect();
        Self {
            id: "mean".into(),
            pairs: named.iter().map(|name| name.pairs).sum(),
            naming: mean_estimate(named.iter().map(|name| name.naming)),
            reading: mean_estimate(named.iter().map(|name| name.reading)),
            knowing: mean_estimate(named.iter().map(|name| name.knowing)),
            posterior: mean_estimate(named.iter().map(|name| name.posterior)),
        }
    }
}

/// The attention on each character in view, when each of them is named.
struct Forced {
    row: usize,
    named: usize,
    /// By step of the name, and for the posterior: the mass on everybody in view, the mean over templates.
    masses: [Vec<f64>; 4],
}

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

/// Every character's differences over all frames and all others in view.
fn scores(forced: &[Forced], truth: &GroundTruth, seed: u64) -> Vec<NameSwap> {
    let of = |who: usize| {
        let own = forced.iter().filter(|one| one.named == who);
        let pairs: Vec<(&Forced, &Forced)> = own
            .flat_map(|own| {
                forced
                    .iter()
                    .filter(move |other| other.row == own.row && other.named != who)
                    .map(move |other| (own, other))
            })
            .collect();
        let difference = |step: usize| {
            let values = pairs.iter().map(|(own, other)| {
                (
                    truth.group(own.row),
                    own.masses[step][who] - other.masses[step][who],
                )
            });
            Estimate::grouped_mean(values, seed)
        };
        NameSwap {
            id: truth.id(who).to_owned(),
            pairs: pairs.len(),
            naming: difference(0),
            reading: difference(1),
            knowing: difference(2),
            posterior: difference(3),
        }
    };
    (0..truth.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A and B in one frame. Named A, the model has 0.7 on A and 0.2 on B; named B, 0.3 and 0.5. So A: 0.7 − 0.3, B: 0.5 − 0.2.
    #[test]
    fn differences_of_known_masses() {
        let mut truth = GroundTruth::new(1);
        truth.add_character("a", [4]);
        truth.add_character("b", [5]);
        let forced = |named, masses: [f64; 2]| Forced {
            row: 0,
            named,
            masses: [vec![0.1; 2], vec![0.1; 2], masses.to_vec(), masses.to_vec()],
        };
        let names = scores(&[forced(0, [0.7, 0.2]), forced(1, [0.3, 0.5])], &truth, 1);
        assert!((names[0].knowing.value - 0.4).abs() < 1e-12);
        assert!((names[1].knowing.value - 0.3).abs() < 1e-12);
        assert_eq!(names[0].naming.value, 0.0);
        assert!((names[1].posterior.value - 0.3).abs() < 1e-12);
        assert!((NameSwap::mean(&names).knowing.value - 0.35).abs() < 1e-12);
    }
}
