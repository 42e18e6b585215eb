use serde::{Deserialize, Serialize};

use super::attention_map::AttentionMap;

/// Check for degenerate attention: maps that do not differ between words, or that are even, say
/// nothing.
///
/// Made by an [`AttentionSum`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttentionDiagnostics {
    /// Mean total variation between the maps of two different words of a comment, 0 to 1.
    pub variation: f64,
    /// Mean entropy of a map over log L, 0 to 1.
    pub entropy: f64,
    /// Mean gate β, 0 to 1: how much of the picture is let in.
    pub gate: f64,
    /// Maps measured.
    pub maps: usize,
}

impl AttentionDiagnostics {
    /// Whether maps hardly differ from word to word or are all but even.
    #[must_use]
    pub fn is_degenerate(&self) -> bool {
        self.variation < 0.02 || self.entropy > 0.99
    }
}

/// Accumulates the attention maps of comments into an [`AttentionDiagnostics`].
///
/// ```
/// use caption_metrics::AttentionSum;
///
/// let mut sum = AttentionSum::default();
/// let (left, right) = ([1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]);
/// sum.add([(&left[..], 0.5), (&right[..], 0.7)]); // two steps, maps of four locations
/// let attention = sum.finish().expect("there were maps");
/// assert_eq!((attention.variation, attention.entropy), (1.0, 0.0));
/// assert!(!attention.is_degenerate());
/// ```
#[derive(Clone, Debug, Default)]
pub struct AttentionSum {
    sum: AttentionDiagnostics,
    compared: usize,
}

impl AttentionSum {
    /// Adds a comment: the map of each of its steps, one weight a location, with its gate β. Maps
    /// without locations are left out.
    ///
    /// # Panics
    ///
    /// Panics if maps differ in size.
    pub fn add<'a>(&mut self, steps: impl IntoIterator<Item = (&'a [f32], f32)>) {
        let mut maps: Vec<AttentionMap<'a>> = Vec::new();
        for (map, gate) in steps {
            // Where a location lies does not matter here.
            let Some(map) = AttentionMap::with_grid(map, 1, map.len()) else {
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
    #[must_use]
    pub fn finish(self) -> Option<AttentionDiagnostics> {
        let Self { sum, compared } = self;
        let maps = sum.maps as f64;
        (sum.maps > 0).then(|| AttentionDiagnostics {
            variation: sum.variation / compared.max(1) as f64,
            entropy: sum.entropy / maps,
            gate: sum.gate / maps,
            maps: sum.maps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A comment of an even map and two equal ones of a single location, of four: of the three
    /// pairs two differ, by 0.75 each, so 0.5; entropies 1, 0, 0; a comment of one map adds no
    /// pair.
    #[test]
    fn means_of_known_maps() {
        let (even, first) = ([0.25; 4], [1.0, 0.0, 0.0, 0.0]);
        let mut sum = AttentionSum::default();
        sum.add([(&even[..], 0.2), (&first[..], 0.4), (&first[..], 0.6)]);
        sum.add([(&first[..], 0.8)]);
        sum.add([(&[][..], 0.9)]); // no locations
        let guard = sum.finish().unwrap();
        assert_eq!((guard.maps, guard.variation, guard.entropy), (4, 0.5, 0.25));
        assert!((guard.gate - 0.5).abs() < 1e-6);
        assert!(!guard.is_degenerate());
    }

    #[test]
    fn even_maps_and_equal_maps_are_degenerate_and_nothing_has_no_figures() {
        let even = [0.25; 4];
        let mut sum = AttentionSum::default();
        sum.add([(&even[..], 0.5)]);
        assert!(sum.finish().unwrap().is_degenerate());
        let first = [1.0, 0.0, 0.0, 0.0];
        let mut sum = AttentionSum::default();
        sum.add([(&first[..], 0.5); 3]);
        assert!(sum.finish().unwrap().is_degenerate());
        assert_eq!(AttentionSum::default().finish(), None);
    }
}
