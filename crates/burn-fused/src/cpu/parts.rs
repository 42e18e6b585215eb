//! Backward passes over pairs of queries and keys: cut into parts, and put together again.
//!
//! A part has every so many blocks of queries of an item and head, so that those with many keys
//! before them are spread evenly. What it finds for keys is a sum over its queries.

use rayon::prelude::*;

use super::{
    product::{PANEL, TILE},
    visibility::QUERIES,
};

/// Parts of a batch that there are at least, if there are as many blocks: enough for many cores,
/// and independent of how many there are, because the order of sums depends on it.
const PARTS: usize = 16;

/// Parts of each item and head.
pub(crate) fn num_parts(items_and_heads: usize, new: usize) -> usize {
    PARTS.div_ceil(items_and_heads).min(new.div_ceil(QUERIES))
}

/// The gradient of queries `[batch, new, heads, d]` of the parts' own, `[block][QUERIES][d]`, which
/// `of` gives by item and head and by part.
pub(crate) fn query_gradient<'a>(
    [batch, new, heads, d]: [usize; 4],
    num_parts: usize,
    of: impl Fn(usize, usize) -> &'a [f32] + Sync,
) -> Vec<f32> {
    let mut gradient = vec![0.0; batch * new * heads * d];
    let rows = gradient.par_chunks_mut(d).with_min_len(64).enumerate();
    rows.for_each(|(number, gradient)| {
        let (row, head) = (number / heads, number % heads);
        let (item, query) = (row / new, row % new);
        let block = query / QUERIES;
        let start = (block / num_parts * QUERIES + query % QUERIES) * d;
        let part = of(item * heads + head, block % num_parts);
        gradient.copy_from_slice(&part[start..start + d]);
    });
    gradient
}

/// The gradient of keys `[batch, length, heads, d]`: the sum over the parts, in their order, of
/// panels of its transpose, `[panel of keys][d, whole tiles][PANEL]`.
pub(crate) fn key_gradient<'a>(
    [batch, length, heads, d]: [usize; 4],
    num_parts: usize,
    of: impl Fn(usize, usize) -> &'a [f32] + Sync,
) -> Vec<f32> {
    let mut gradient = vec![0.0; batch * length * heads * d];
    let panel_len = d.next_multiple_of(TILE) * PANEL;
    let items = gradient.par_chunks_mut(length * heads * d).enumerate();
    items.for_each(|(item, gradient)| {
        let panels = gradient.par_chunks_mut(PANEL * heads * d).enumerate();
        panels.for_each(|(panel, gradient)| {
            for head in 0..heads {
                for part in 0..num_parts {
                    let part = of(item * heads + head, part);
                    let part = &part[panel * panel_len..][..d * PANEL];
                    for (number, row) in gradient.chunks_exact_mut(heads * d).enumerate() {
                        let row = &mut row[head * d..][..d];
                        for (value, part) in row.iter_mut().zip(part.chunks_exact(PANEL)) {
                            *value += part[number];
                        }
                    }
                }
            }
        });
    });
    gradient
}
