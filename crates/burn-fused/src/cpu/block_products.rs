//! Products of a block of queries with a panel of keys, without the pairs in which all queries of a
//! tile come before the key.

use pulp::Simd;

use super::{
    product::{PANEL, Sums, TILE, multiply_panel_tile, multiply_tile},
    visibility::{QUERIES, Visibility},
};

/// A block of queries and a panel of keys.
pub(crate) struct BlockProducts {
    /// How many keys, from the first one on, are in time for some query of each tile.
    in_time: [usize; QUERIES / TILE],
    /// Tiles of queries.
    tiles: std::ops::Range<usize>,
    rows: usize,
    d: usize,
}

impl BlockProducts {
    pub(crate) fn new(visibility: &Visibility<'_>, block: usize, panel: usize, d: usize) -> Self {
        let queries = visibility.queries(block);
        let mut in_time = [0; QUERIES / TILE];
        let tiles = queries.len().div_ceil(TILE);
        for (tile, in_time) in in_time.iter_mut().take(tiles).enumerate() {
            let last = queries.end.min(queries.start + (tile + 1) * TILE) - 1;
            *in_time = visibility.in_time(last, panel);
        }
        let without = in_time.iter().take_while(|in_time| **in_time == 0).count();
        Self {
            in_time,
            tiles: without.min(tiles)..tiles,
            rows: queries.len(),
            d,
        }
    }

    /// The queries for which some keys are in time, or that share a tile with one.
    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        self.tiles.start * TILE..self.rows
    }

    /// The product of queries, `[tile][d][TILE]`, with keys, `[d][PANEL]`, as
    /// `[tile][TILE][PANEL]`; what is there stays where no key is in time.
    #[inline(always)]
    pub(crate) fn by_pair<S: Simd>(&self, simd: S, queries: &[f32], keys: &[f32], out: &mut [f32]) {
        let mut sink = Sums {
            sums: out,
            add: false,
        };
        for tile in self.tiles.clone() {
            let queries = &queries[tile * self.d * TILE..][..self.d * TILE];
            multiply_tile(simd, queries, keys, self.in_time[tile], tile, &mut sink);
        }
    }

    /// Adds the product of numbers of pairs, `[tile][TILE][PANEL]`, with rows by key,
    /// `[panel of d][PANEL][PANEL]`, to sums by query, `[panel of d][tile][TILE][PANEL]`.
    #[inline(always)]
    pub(crate) fn add_by_query<S: Simd>(
        &self,
        simd: S,
        pairs: &[f32],
        keys: &[f32],
        sums: &mut [f32],
    ) {
        for (number, (keys, sums)) in keys
            .chunks_exact(PANEL * PANEL)
            .zip(sums.chunks_exact_mut(pairs.len()))
            .enumerate()
        {
            let columns = PANEL.min(self.d - number * PANEL);
            let mut sink = Sums { sums, add: true };
            for tile in self.tiles.clone() {
                let keys = &keys[..self.in_time[tile] * PANEL];
                let pairs = &pairs[tile * TILE * PANEL..][..TILE * PANEL];
                multiply_panel_tile(simd, pairs, keys, columns, tile, &mut sink);
            }
        }
    }

    /// Adds the product of transposed queries, `[tile of d][query][TILE]`, with numbers of pairs,
    /// `[query][PANEL]`, to sums by key, transposed as well, `[tile of d][TILE][PANEL]`.
    #[inline(always)]
    pub(crate) fn add_by_key<S: Simd>(
        &self,
        simd: S,
        queries: &[f32],
        pairs: &[f32],
        sums: &mut [f32],
    ) {
        let rows = self.rows();
        let Some(columns) = self.in_time[self.tiles.clone()].last() else {
            return;
        };
        let pairs = &pairs[rows.start * PANEL..rows.end * PANEL];
        let mut sink = Sums { sums, add: true };
        for (tile, queries) in queries.chunks_exact(self.rows * TILE).enumerate() {
            let queries = &queries[rows.start * TILE..];
            multiply_tile(simd, queries, pairs, *columns, tile, &mut sink);
        }
    }
}
