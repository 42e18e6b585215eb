use serde::{Deserialize, Serialize};

use super::{ground_truth::GroundTruth, name_map::NameMap};
use crate::bootstrap::Estimate;

/// Swap test of one name, whether attention follows it: on frames with A and somebody else B, the
/// attention on A when the model is forced to write A, less that when it is forced to write B in
/// the same comment. 0: the model looks at the same places whoever is named.
///
/// ```
/// use caption_metrics::{GroundTruth, NameSwap, NamedAttention};
///
/// let mut truth = GroundTruth::new(1);
/// let (a, b) = (truth.add_character("a", [4]), truth.add_character("b", [5]));
/// // In one frame with both: named A, the maps that know the name have 0.7 on A; named B, 0.3.
/// let mut forced = [NamedAttention::new(0, a, 2), NamedAttention::new(0, b, 2)];
/// forced[0].masses[2] = vec![0.7, 0.2];
/// forced[1].masses[2] = vec![0.3, 0.5];
/// let swaps = NameSwap::measure(&forced, &truth, 1);
/// assert!((swaps[a].after.value - 0.4).abs() < 1e-12); // 0.7 - 0.3
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NameSwap {
    /// Who A is.
    pub id: String,
    /// Frames with A and one B, each with every template.
    pub pairs: usize,
    /// With the map that writes the name: 0 by construction, since that map does not know the name
    /// (see [`NameMap`]).
    #[serde(rename = "naming")]
    pub before: Estimate,
    /// With the map that reads it: 0 for the same reason.
    #[serde(rename = "reading")]
    pub at: Estimate,
    /// With the maps that have read it.
    #[serde(rename = "knowing")]
    pub after: Estimate,
    /// With the posterior of the locations given the name as the first word (see
    /// [`NamePointing`](super::NamePointing)).
    pub posterior: Estimate,
}

impl NameSwap {
    /// The mean over names, each counted once.
    #[must_use]
    pub fn mean(names: &[Self]) -> Self {
        let named: Vec<&Self> = names.iter().filter(|name| name.pairs > 0).collect();
        Self {
            id: "mean".into(),
            pairs: named.iter().map(|name| name.pairs).sum(),
            before: Estimate::average(named.iter().map(|name| name.before)),
            at: Estimate::average(named.iter().map(|name| name.at)),
            after: Estimate::average(named.iter().map(|name| name.after)),
            posterior: Estimate::average(named.iter().map(|name| name.posterior)),
        }
    }

    /// Swap test of every character, over all frames and all others in view.
    #[must_use]
    pub fn measure(forced: &[NamedAttention], truth: &GroundTruth, seed: u64) -> Vec<Self> {
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
            let difference = |get: fn(&NamedAttention) -> &[f64]| {
                let values = pairs
                    .iter()
                    .map(|(own, other)| (truth.group(own.row), get(own)[who] - get(other)[who]));
                Estimate::grouped_mean(values, seed)
            };
            Self {
                id: truth.id(who).to_owned(),
                pairs: pairs.len(),
                before: difference(|one| &one.masses[0]),
                at: difference(|one| &one.masses[1]),
                after: difference(|one| &one.masses[2]),
                posterior: difference(|one| &one.posterior),
            }
        };
        (0..truth.len()).map(of).collect()
    }
}

/// Attention mass in everybody's box in a frame while one of them is named, the mean over
/// templates.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAttention {
    /// Row of the frame.
    pub row: usize,
    /// Who is named.
    pub named: usize,
    /// For each map, in the order of [`NameMap::ALL`], the mass in each character's box.
    pub masses: [Vec<f64>; NameMap::ALL.len()],
    /// The same of the posterior of the locations given the name.
    pub posterior: Vec<f64>,
}

impl NamedAttention {
    /// No mass yet in the boxes of so many characters.
    #[must_use]
    pub fn new(row: usize, named: usize, characters: usize) -> Self {
        Self {
            row,
            named,
            masses: std::array::from_fn(|_| vec![0.0; characters]),
            posterior: vec![0.0; characters],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A and B in one frame. Named A, the model has 0.7 on A and 0.2 on B; named B, 0.3 and 0.5. So
    /// A: 0.7 − 0.3, B: 0.5 − 0.2.
    #[test]
    fn differences_of_known_masses() {
        let mut truth = GroundTruth::new(1);
        truth.add_character("a", [4]);
        truth.add_character("b", [5]);
        let forced = |named, masses: [f64; 2]| NamedAttention {
            row: 0,
            named,
            masses: [vec![0.1; 2], vec![0.1; 2], masses.to_vec()],
            posterior: masses.to_vec(),
        };
        let names = NameSwap::measure(&[forced(0, [0.7, 0.2]), forced(1, [0.3, 0.5])], &truth, 1);
        assert!((names[0].after.value - 0.4).abs() < 1e-12);
        assert!((names[1].after.value - 0.3).abs() < 1e-12);
        assert_eq!(names[0].before.value, 0.0);
        assert!((names[1].posterior.value - 0.3).abs() < 1e-12);
        assert!((NameSwap::mean(&names).after.value - 0.35).abs() < 1e-12);
    }

    /// Who is alone in a frame has nobody to be swapped with; of two rows only equal ones are
    /// compared.
    #[test]
    fn who_is_alone_is_not_swapped() {
        let mut truth = GroundTruth::new(2);
        truth.add_character("a", [4]);
        truth.add_character("b", [5]);
        let forced = [NamedAttention::new(0, 0, 2), NamedAttention::new(1, 1, 2)];
        let names = NameSwap::measure(&forced, &truth, 1);
        assert!(names.iter().all(|name| name.pairs == 0));
        assert_eq!(NameSwap::mean(&names).after, Estimate::default());
        assert!(NameSwap::measure(&[], &truth, 1)[0].after == Estimate::default());
    }
}
