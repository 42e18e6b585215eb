use serde::{Deserialize, Serialize};

use super::{pointing::mean_estimate, truth::GroundTruth};
use crate::Estimate;

/// The swap test of one name: on frames with A and somebody else B, the attention on A when the model is forced to write A, less
/// that when it is forced to write B in the same comment. 0: the model looks at the same places whoever is named.
///
/// ```
/// let swap = caption_metrics::NameSwap::default();
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

    /// Every character's differences over all frames and all others in view.
    pub fn of(forced: &[NamedAttention], truth: &GroundTruth, seed: u64) -> Vec<Self> {
        let of = |who: usize| {
            let own = forced.iter().filter(|one| one.named == who);
            let pairs: Vec<(&NamedAttention, &NamedAttention)> = own
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
            Self {
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
}

/// The attention on each character in view of a frame while one of them is named.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAttention {
    /// Row of the frame.
    pub row: usize,
    /// Who is named.
    pub named: usize,
    /// The attention's mass in everybody's box, the mean over templates: by step of the name
    /// ([`NameStep::ALL`](super::NameStep::ALL)), and last by the posterior given the name.
    pub masses: [Vec<f64>; 4],
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
        let forced = |named, masses: [f64; 2]| NamedAttention {
            row: 0,
            named,
            masses: [vec![0.1; 2], vec![0.1; 2], masses.to_vec(), masses.to_vec()],
        };
        let names = NameSwap::of(&[forced(0, [0.7, 0.2]), forced(1, [0.3, 0.5])], &truth, 1);
        assert!((names[0].knowing.value - 0.4).abs() < 1e-12);
        assert!((names[1].knowing.value - 0.3).abs() < 1e-12);
        assert_eq!(names[0].naming.value, 0.0);
        assert!((names[1].posterior.value - 0.3).abs() < 1e-12);
        assert!((NameSwap::mean(&names).knowing.value - 0.35).abs() < 1e-12);
    }
}
