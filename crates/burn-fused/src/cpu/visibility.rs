//! Which blocks of queries see which panels of keys, and the biases of a panel.

use std::ops::Range;

use pulp::Simd;

use super::product::{PANEL, TILE};
use crate::{ItemRelations, Relations};

/// Queries that are computed together: their scores and a panel of keys stay in a core's first
/// cache.
pub(crate) const QUERIES: usize = 8 * TILE;

/// What is added to the score of a pair by its class; −∞ where it is hidden.
pub(crate) type BiasTable = [f32; 256];

/// A table of these biases.
pub(crate) fn bias_table(bias: &[f32]) -> BiasTable {
    let mut table = [f32::NEG_INFINITY; 256];
    for (place, bias) in table[..usize::from(Relations::HIDDEN)].iter_mut().zip(bias) {
        *place = *bias;
    }
    table
}

/// What the last positions of an item see, block by block of queries and panel by panel of keys.
#[derive(Debug)]
pub(crate) struct Visibility<'a> {
    item: &'a ItemRelations,
    /// Positions between a query and the first key that it may see.
    distance: usize,
    /// Queries: the last positions.
    new: usize,
    /// `[block of queries][panel of keys]`.
    visible: Vec<bool>,
}

impl<'a> Visibility<'a> {
    pub(crate) fn new(item: &'a ItemRelations, new: usize, distance: usize) -> Self {
        let length = item.event_of.len();
        let panels: Vec<Vec<u32>> = item.event_of.chunks(PANEL).map(distinct).collect();
        let mut visible = Vec::with_capacity(new.div_ceil(QUERIES) * panels.len());
        for (number, queries) in item.event_of[length - new..].chunks(QUERIES).enumerate() {
            let queries: Vec<&[u8]> = distinct(queries)
                .into_iter()
                .map(|event| item.classes_of(event))
                .collect();
            let end = length - new + new.min((number + 1) * QUERIES);
            for (panel, keys) in panels.iter().enumerate() {
                let sees = |classes: &&[u8]| {
                    keys.iter()
                        .any(|key| classes[*key as usize] != Relations::HIDDEN)
                };
                visible.push(panel * PANEL + distance < end && queries.iter().any(sees));
            }
        }
        Self {
            item,
            distance,
            new,
            visible,
        }
    }

    fn length(&self) -> usize {
        self.item.event_of.len()
    }

    /// Blocks of queries.
    pub(crate) fn num_blocks(&self) -> usize {
        self.new.div_ceil(QUERIES)
    }

    /// The queries of a block, counted from the first query.
    pub(crate) fn queries(&self, block: usize) -> Range<usize> {
        block * QUERIES..self.new.min((block + 1) * QUERIES)
    }

    /// The panels that a block may see keys of, in their order.
    pub(crate) fn panels(&self, block: usize) -> impl Iterator<Item = usize> {
        let num_panels = self.length().div_ceil(PANEL);
        let visible = &self.visible[block * num_panels..][..num_panels];
        (0..num_panels).filter(|panel| visible[*panel])
    }

    /// The position of a query.
    #[inline(always)]
    pub(crate) fn position(&self, query: usize) -> usize {
        self.length() - self.new + query
    }

    #[inline(always)]
    pub(crate) fn event(&self, query: usize) -> u32 {
        self.item.event_of[self.position(query)]
    }

    /// How many keys of a panel do not lie too late for a query.
    #[inline(always)]
    pub(crate) fn in_time(&self, query: usize, panel: usize) -> usize {
        let end = self.position(query) + 1;
        end.saturating_sub(panel * PANEL + self.distance).min(PANEL)
    }

    /// The biases of a panel's keys for queries of an event, whatever their positions; −∞ where the
    /// panel is filled up.
    #[inline(always)]
    pub(crate) fn biases(
        &self,
        event: u32,
        panel: usize,
        table: &BiasTable,
        biases: &mut [f32; PANEL],
    ) {
        let classes = self.item.classes_of(event);
        let keys = &self.item.event_of[panel * PANEL..];
        for (bias, key) in biases.iter_mut().zip(keys) {
            *bias = table[usize::from(classes[*key as usize])];
        }
        biases[keys.len().min(PANEL)..].fill(f32::NEG_INFINITY);
    }

    /// Adds a panel's numbers to the sums of their classes.
    #[inline(always)]
    pub(crate) fn add_by_class(
        &self,
        event: u32,
        panel: usize,
        values: &[f32; PANEL],
        sums: &mut [f64; 256],
    ) {
        let classes = self.item.classes_of(event);
        let keys = &self.item.event_of[panel * PANEL..];
        for (value, key) in values.iter().zip(keys) {
            sums[usize::from(classes[*key as usize])] += f64::from(*value);
        }
    }
}

fn distinct(events: &[u32]) -> Vec<u32> {
    let mut events = events.to_vec();
    events.sort_unstable();
    events.dedup();
    events
}

/// Adds biases to a query's scores and hides the keys that lie too late.
#[inline(always)]
pub(crate) fn add_biases<S: Simd>(
    simd: S,
    scores: &mut [f32; PANEL],
    biases: &[f32; PANEL],
    in_time: usize,
) {
    let biases = S::as_simd_f32s(biases).0;
    for (score, bias) in S::as_mut_simd_f32s(scores).0.iter_mut().zip(biases) {
        *score = simd.add_f32s(*score, *bias);
    }
    scores[in_time..].fill(f32::NEG_INFINITY);
}

/// `exp(x)`, 0 where it is as good as 0.
#[inline(always)]
pub(crate) fn weight<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let is_zero = simd.less_than_f32s(x, simd.splat_f32s(-87.0));
    simd.select_f32s(
        is_zero,
        simd.splat_f32s(0.0),
        super::functions::exp(simd, x),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 positions of two events, of which the second sees only itself: the first block of the
    /// last 100 queries lies from 100 to 147, the panels begin at 0, 64, 128 and 192.
    #[test]
    fn hidden_panels_are_left_out() {
        let mut event_of = vec![0; 130];
        event_of.resize(200, 1);
        let item = ItemRelations {
            event_of,
            classes: vec![0, 255, 255, 1],
        };
        let visibility = Visibility::new(&item, 100, 0);
        let panels = |block| visibility.panels(block).collect::<Vec<_>>();
        assert_eq!(visibility.num_blocks(), 3);
        assert_eq!(visibility.queries(2), 96..100);
        assert_eq!(panels(0), [0, 1, 2]);
        assert_eq!([panels(1), panels(2)], [[2, 3]; 2]);
        let in_time = [0, 27, 28, 29, 30, 99].map(|query| visibility.in_time(query, 2));
        assert_eq!(in_time, [0, 0, 1, 2, 3, 64]);

        let mut biases = [0.5; PANEL];
        visibility.biases(0, 2, &bias_table(&[2.0, 3.0]), &mut biases);
        assert_eq!(
            biases[..4],
            [2.0, 2.0, f32::NEG_INFINITY, f32::NEG_INFINITY]
        );
        visibility.biases(1, 3, &bias_table(&[2.0, 3.0]), &mut biases);
        assert_eq!(biases[6..9], [3.0, 3.0, f32::NEG_INFINITY]);
        let mut sums = [0.0; 256];
        visibility.add_by_class(0, 2, &[1.0; PANEL], &mut sums);
        assert_eq!([sums[0], sums[255]], [2.0, 62.0]);
    }

    /// With a distance of one a position does not see itself.
    #[test]
    fn distance_hides_the_nearest() {
        let item = ItemRelations {
            event_of: vec![0; 65],
            classes: vec![0],
        };
        let visibility = Visibility::new(&item, 65, 1);
        assert_eq!(
            [0, 1, 64].map(|query| visibility.in_time(query, 0)),
            [0, 1, 64]
        );
        assert_eq!(visibility.panels(1).collect::<Vec<_>>(), [0]);
    }
}
