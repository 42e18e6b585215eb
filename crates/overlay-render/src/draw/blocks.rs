//! Finished coverage without its empty parts.

use std::ops::Range;

use super::area::Area;
use super::coverage::Coverage;

/// Pixels of a row that are kept together: two vectors of 512 with sums in 16 bits, so that laying
/// a block has no loop.
pub(super) const BLOCK: usize = 64;

/// A line of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Block(pub(super) [u8; BLOCK]);

/// The coverage of an area in blocks, row by row and from left to right, each beginning at a pixel
/// that is covered.
///
/// Of a comment's box a half to two thirds is empty; what is left out here is neither stored nor
/// looked at again. Blocks have one length and no structure above them: where runs of any length
/// end, and which of several loops they take, no processor foresees.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) area: Area,
    places: Box<[Place]>,
    cover: Box<[Block]>,
    fill: Box<[Block]>, // never above cover
}

/// Where a block begins, in pixels from the area's corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: u32,
    pub(super) column: u32,
}

impl Blocks {
    /// Coverage of fewer than 2³² rows and columns.
    pub(super) fn pack(coverage: &Coverage) -> Self {
        let width = coverage.area.width();
        let mut packed = (Vec::new(), Vec::new(), Vec::new());
        let rows = coverage.cover.chunks(width.max(1));
        for (row, (covers, fills)) in rows.zip(coverage.fill.chunks(width.max(1))).enumerate() {
            let mut from = 0;
            while let Some(column) = first_covered(covers, from) {
                let at = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
                packed.0.push(Place {
                    row: at(row),
                    column: at(column),
                });
                packed.1.push(block(&covers[column..]));
                packed.2.push(block(&fills[column..]));
                from = column + BLOCK;
            }
        }
        Self {
            area: coverage.area,
            places: packed.0.into(),
            cover: packed.1.into(),
            fill: packed.2.into(),
        }
    }

    /// The blocks of some of the area's rows: their places, cover and fill. The last one of a row
    /// may reach beyond the area, with nothing on it.
    #[inline(always)]
    pub(super) fn of_rows(&self, rows: Range<u32>) -> (&[Place], &[Block], &[Block]) {
        let before = |row: u32| self.places.partition_point(|place| place.row < row);
        let blocks = before(rows.start)..before(rows.end);
        (
            &self.places[blocks.clone()],
            &self.cover[blocks.clone()],
            &self.fill[blocks],
        )
    }

    /// Writes a row's cover and fill into slices of the area's width.
    pub(super) fn unpack_row(&self, row: u32, cover: &mut [u8], fill: &mut [u8]) {
        cover.fill(0);
        fill.fill(0);
        let (places, covers, fills) = self.of_rows(row..row + 1);
        for ((place, from), inside) in places.iter().zip(covers).zip(fills) {
            let column = place.column as usize;
            for (to, from) in [(&mut *cover, from), (&mut *fill, inside)] {
                to[column..]
                    .iter_mut()
                    .zip(&from.0)
                    .for_each(|(to, &from)| *to = from);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.places) + size_of_val(&*self.cover) * 2 + size_of::<Self>()
    }
}

/// The first covered pixel from a column on.
fn first_covered(covers: &[u8], from: usize) -> Option<usize> {
    const STEP: usize = 16; // at a time
    let mut from = from;
    loop {
        let rest = covers.get(from..)?;
        let near = &rest[..STEP.min(rest.len())];
        if near.iter().fold(0, |any, &cover| any | cover) != 0 {
            return near
                .iter()
                .position(|&cover| cover != 0)
                .map(|at| from + at);
        }
        from += STEP;
    }
}

/// A block's pixels, filled up with zeros.
fn block(pixels: &[u8]) -> Block {
    let mut block = [0; BLOCK];
    let len = pixels.len().min(BLOCK);
    block[..len].copy_from_slice(&pixels[..len]);
    Block(block)
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "small numbers, made for the test"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever was packed comes out again: rows with empty, opaque and mixed stretches of any
        /// length.
        #[test]
        fn packing_loses_nothing(
            width in 1_i32..200,
            stretches in prop::collection::vec((0_usize..90, 0_u8..4), 1..60),
        ) {
            let values = stretches.iter().flat_map(|&(len, kind)| {
                (0..len).map(move |i| match kind {
                    0 => (0, 0),
                    1 => (255, 255),
                    2 => (102, 0),
                    _ => (1 + (i % 255) as u8, (i % 200) as u8 / 2),
                })
            });
            let mut coverage = Coverage::new(Area::of_size(width, 5));
            for ((cover, fill), (c, f)) in coverage.cover.iter_mut().zip(&mut coverage.fill).zip(values) {
                (*cover, *fill) = (c, f.min(c));
            }
            let blocks = Blocks::pack(&coverage);
            let width = coverage.area.width();
            let (mut cover, mut fill) = (vec![9; width], vec![9; width]);
            for row in 0..5 {
                blocks.unpack_row(row, &mut cover, &mut fill);
                let row = row as usize * width;
                prop_assert_eq!(&cover, &coverage.cover[row..][..width]);
                prop_assert_eq!(&fill, &coverage.fill[row..][..width]);
            }
        }
    }

    /// Two rows of 150 pixels: nothing in the first; in the second coverage from 20 to 100 and at
    /// 149. Three blocks, the last one of a single pixel.
    #[test]
    fn blocks_begin_with_coverage() {
        let mut coverage = Coverage::new(Area::of_size(150, 2));
        coverage.cover[170..250].fill(255);
        coverage.cover[299] = 102;
        let blocks = Blocks::pack(&coverage);
        let (places, covers, _) = blocks.of_rows(1..2);
        assert_eq!(
            places.iter().map(|place| place.column).collect::<Vec<_>>(),
            [20, 84, 149]
        );
        assert_eq!(
            covers
                .iter()
                .flat_map(|block| block.0)
                .filter(|&cover| cover > 0)
                .count(),
            81
        );
        assert!(blocks.of_rows(0..1).0.is_empty());
    }
}
