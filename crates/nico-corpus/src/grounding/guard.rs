use burn::tensor::Device;
use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use super::{map::AttentionMap, mentions::Maps};
use crate::{
    data::{Batch, Pairs, plan_in_order},
    error::Error,
    model::Network,
};

/// Whether attention lives: maps that do not differ between words, or that are even, say nothing.
///
/// ```
/// let dead = caption_metrics::AttentionGuard { variation: 0.0, entropy: 1.0, gate: 0.5, maps: 10 };
/// assert!(dead.is_dead());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttentionGuard {
    /// Mean total variation between the maps of two different words of a comment, 0 to 1.
    pub variation: f64,
    /// Mean entropy of a map over log L, 0 to 1.
    pub entropy: f64,
    /// Mean gate β, 0 to 1: how much of the picture is let in.
    pub gate: f64,
    /// Maps measured.
    pub maps: usize,
}

impl AttentionGuard {
    /// Whether maps hardly differ from word to word or are all but even.
    pub fn is_dead(&self) -> bool {
        self.variation < 0.02 || self.entropy > 0.99
    }

    /// Measures the maps of `pairs`, teacher forced; `None` for a network without attention or without pairs.
    ///
    /// # Errors
    ///
    /// Fails if a row cannot be read from the store.
    pub fn measure(
        network: &Network,
        pairs: &Pairs,
        store: &FeatureStore,
        batch_size: usize,
        device: &Device,
    ) -> Result<Option<Self>, Error> {
        let mut sum = Self::default();
        let mut compared = 0usize;
        for indices in plan_in_order(pairs, batch_size) {
            let batch = Batch::load(pairs, &indices, store, device)?;
            let Some(maps) = Maps::of(network, &batch)? else {
                return Ok(None);
            };
            for (at, &index) in indices.iter().enumerate() {
                let steps = pairs.get(index).words.len() + 1;
                let of = |step| AttentionMap::new(maps.get(at, step));
                for step in 0..steps {
                    let Some(map) = of(step) else {
                        return Ok(None);
                    };
                    sum.entropy += map.relative_entropy();
                    sum.gate += f64::from(maps.gate(at, step));
                    sum.maps += 1;
                    for earlier in (0..step).filter_map(of) {
                        sum.variation += map.total_variation(&earlier);
                        compared += 1;
                    }
                }
            }
        }
        let maps = sum.maps as f64;
        Ok((sum.maps > 0).then(|| Self {
            variation: sum.variation / compared.max(1) as f64,
            entropy: sum.entropy / maps,
            gate: sum.gate / maps,
            maps: sum.maps,
        }))
    }
}
