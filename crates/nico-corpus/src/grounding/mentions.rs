use burn::tensor::{Device, TensorData};
use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use super::{
    baselines::UsualPlaces,
    map::{AttentionMap, CENTRE},
    posterior::Posteriors,
    region::Region,
    truth::GroundTruth,
};
use crate::{
    data::{Batch, Pairs, plan_in_order},
    error::Error,
    model::Network,
};

/// Which of the maps of a comment is taken for a name.
///
/// The network looks *before* it reads: the map of step `t` comes from the state after word `t − 1`, the step then reads word `t`
/// and writes word `t + 1`. So the map with which a name is written knows the words up to two before it, the next map those up
/// to the one before it, and only the third has read the name. Two comments that differ in a name at the same place have the same
/// first two maps by construction.
///
/// ```
/// use caption_metrics::NameStep;
///
/// assert!(NameStep::ALL.contains(&NameStep::Naming));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStep {
    /// The map with which the name is written.
    Naming,
    /// The map with which the name is read and the next word is written.
    Reading,
    /// The mean of the maps that write a word and whose state has read the name; missing if fewer than two words follow the name. The map
    /// that ends the comment is none of them: nothing has to be seen for that.
    Knowing,
}

impl NameStep {
    /// All of them, in the order of the words.
    pub const ALL: [Self; 3] = [Self::Naming, Self::Reading, Self::Knowing];

    /// The steps of a comment whose maps are averaged for a name that is word `position`, of `steps` steps.
    pub(crate) fn steps(self, position: usize, steps: usize) -> std::ops::Range<usize> {
        match self {
            Self::Naming => position..position + 1,
            Self::Reading => position + 1..position + 2,
            Self::Knowing => (position + 2).min(steps - 1)..steps - 1,
        }
    }
}

/// Where one map looked, seen from the character who is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    /// Whether the map's peak lies in the character's box.
    pub(crate) hit: bool,
    /// The share of the map in the box.
    pub(crate) mass: f64,
}

impl Look {
    fn at(region: &Region, map: &[f32]) -> Option<Self> {
        let map = AttentionMap::new(map)?;
        Some(Self {
            hit: region.contains(map.peak()),
            mass: map.mass_in(region),
        })
    }
}

/// A name that stands in a comment while its character is in view, and where the model looked.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_metrics::{GroundTruth, Mention, Pairs, UsualPlaces, pointing};
/// use caption_model::Captioner;
/// use frame_features::FeatureStore;
///
/// let device = Device::flex();
/// let (captioner, store) = (Captioner::from_dir("model", &device)?, FeatureStore::open("features")?);
/// let (train, dev, truth) = (Pairs::new(30), Pairs::new(30), GroundTruth::new(store.len()));
/// let usual = UsualPlaces::fit(&train, &truth);
/// let mentions = Mention::collect(captioner.network(), &dev, &store, &truth, &usual, 64, &device)?;
/// for name in pointing(&mentions, &truth, 1) {
///     println!("{}: {}", name.id, name.naming.pointing);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mention {
    pub(crate) character: usize,
    pub(crate) group: usize,
    pub(crate) position: usize,
    pub(crate) in_view: usize,
    pub(crate) looks: [Option<Look>; 3],
    /// By the posterior of the locations, where the name is the first word.
    pub(crate) posterior: Option<Look>,
    /// The box's share of the picture.
    pub(crate) area: f64,
    pub(crate) centre: bool,
    pub(crate) usual: bool,
}

impl Mention {
    /// Where a network looks at the names of `pairs`, teacher forced. Empty for a network without attention.
    ///
    /// # Errors
    ///
    /// Fails if a row cannot be read from the store.
    pub fn collect(
        network: &Network,
        pairs: &Pairs,
        store: &FeatureStore,
        truth: &GroundTruth,
        usual: &UsualPlaces,
        batch_size: usize,
        device: &Device,
    ) -> Result<Vec<Self>, Error> {
        let mut mentions = Vec::new();
        let named = pairs_with_names(pairs, truth);
        let first_words = named.iter().filter(|pair| {
            let first = pair
                .words
                .first()
                .and_then(|&word| truth.character_of(word));
            first.is_some_and(|who| truth.region(pair.row, who).is_some())
        });
        let rows = first_words.map(|pair| pair.row);
        let Some(posteriors) = Posteriors::of(network, rows, store, truth, device)? else {
            return Ok(Vec::new());
        };
        for indices in plan_in_order(&named, batch_size) {
            let batch = Batch::load(&named, &indices, store, device)?;
            let Some(maps) = Maps::of(network, &batch)? else {
                return Ok(Vec::new());
            };
            for (at, &index) in indices.iter().enumerate() {
                let pair = named.get(index);
                for (position, &word) in pair.words.iter().enumerate() {
                    let Some(character) = truth.character_of(word) else {
                        continue;
                    };
                    let Some(region) = truth.region(pair.row, character) else {
                        continue;
                    };
                    let look = |step: NameStep| {
                        let map = maps.mean(at, step.steps(position, pair.words.len() + 1))?;
                        Look::at(region, &map)
                    };
                    let posterior = posteriors
                        .get(pair.row, character)
                        .filter(|_| position == 0);
                    mentions.push(Self {
                        character,
                        group: truth.group(pair.row),
                        position,
                        in_view: truth.in_view(pair.row).count(),
                        looks: NameStep::ALL.map(look),
                        posterior: posterior.and_then(|map| Look::at(region, map)),
                        area: region.area(),
                        centre: region.contains(CENTRE),
                        usual: usual
                            .of(character)
                            .is_some_and(|place| region.contains(place)),
                    });
                }
            }
        }
        Ok(mentions)
    }

    /// Which word of the comment the name is, from 0. The map that writes it has read the words up to two before it, so from 2 on it can
    /// know who is meant.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Number of characters in view, the named one among them: where it is 1, any figure is the right one.
    pub fn in_view(&self) -> usize {
        self.in_view
    }
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

/// The attention weights of a batch.
pub(crate) struct Maps {
    weights: Vec<f32>,
    gates: Vec<f32>,
    time: usize,
    locations: usize,
}

impl Maps {
    /// Runs the network; `None` if it has no attention.
    pub(crate) fn of(network: &Network, batch: &Batch) -> Result<Option<Self>, Error> {
        let (_, attention) = network.forward(batch.features.clone(), batch.words.clone());
        let Some(attention) = attention else {
            return Ok(None);
        };
        let [_, time, locations] = attention.weights.dims();
        let numbers = |data: TensorData| {
            data.convert::<f32>()
                .try_into_vec::<f32>()
                .map_err(|error| Error::Device(format!("{error:?}")))
        };
        Ok(Some(Self {
            weights: numbers(attention.weights.into_data())?,
            gates: numbers(attention.gates.into_data())?,
            time,
            locations,
        }))
    }

    /// The map of a step.
    pub(crate) fn get(&self, comment: usize, step: usize) -> &[f32] {
        let start = (comment * self.time + step) * self.locations;
        &self.weights[start..start + self.locations]
    }

    /// The gate β of a step.
    pub(crate) fn gate(&self, comment: usize, step: usize) -> f32 {
        self.gates[comment * self.time + step]
    }

    /// The mean map of some steps; `None` of none.
    #[expect(clippy::cast_precision_loss, reason = "comments are short")]
    pub(crate) fn mean(&self, comment: usize, steps: std::ops::Range<usize>) -> Option<Vec<f32>> {
        if steps.is_empty() {
            return None;
        }
        let count = steps.len() as f32;
        let mut mean = vec![0.0; self.locations];
        for step in steps {
            for (sum, &weight) in mean.iter_mut().zip(self.get(comment, step)) {
                *sum += weight / count;
            }
        }
        Some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<bos> a N b c`: five steps; step 1 writes N, step 2 reads it, and the state after step 2 makes the map of step 3.
    #[test]
    fn steps_of_a_name() {
        let steps = |step: NameStep, position, steps| step.steps(position, steps);
        assert_eq!(steps(NameStep::Naming, 1, 5), 1..2);
        assert_eq!(steps(NameStep::Reading, 1, 5), 2..3);
        assert_eq!(steps(NameStep::Knowing, 1, 5), 3..4); // the last step writes <eos>
        assert!(steps(NameStep::Knowing, 0, 2).is_empty()); // the name and its <eos> alone
        assert!(steps(NameStep::Knowing, 0, 3).is_empty()); // and one word, which the reading map writes
    }
}
