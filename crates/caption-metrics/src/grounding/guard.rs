use serde::{Deserialize, Serialize};

use super::map::AttentionMap;

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
}

/// Sums the maps of comments for an [`AttentionGuard`].
#[derive(Clone, Debug, Default)]
pub struct AttentionSum {
    sum: AttentionGuard,
    compared: usize,
}

impl AttentionSum {
    /// Adds a comment: the map of each of its steps, one weight a location, with its gate β. Maps
    /// without weight are left out.
    pub fn add<'a>(&mut self, steps: impl IntoIterator<Item = (&'a [f32], f32)>) {
        let mut maps: Vec<AttentionMap<'a>> = Vec::new();
        for (map, gate) in steps {
            let Some(map) = AttentionMap::new(map) else {
                continue;
            };
            self.sum.entropy += map.relative_entropy();
            self.sum.gate += f64::from(gate);
            self.sum.maps += 1;
            for earlier in &maps {
                self.sum.variation += map.total_variation(earlier);
                self.compared += 1;
            }
            maps.push(map);
        }
    }

    /// The means; `None` without maps.
    pub fn finish(self) -> Option<AttentionGuard> {
        let Self { sum, compared } = self;
        let maps = sum.maps as f64;
        (sum.maps > 0).then(|| AttentionGuard {
            variation: sum.variation / compared.max(1) as f64,
            entropy: sum.entropy / maps,
            gate: sum.gate / maps,
            maps: sum.maps,
        })
    }
}
