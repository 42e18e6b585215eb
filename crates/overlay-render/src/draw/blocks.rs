//! Finished ink without its empty parts.

use super::area::Area;
use super::ink::Ink;

/// Pixels of a row that are kept or left out together. Their sums in 16 bits fill a vector of 256.
pub(super) const BLOCK: usize = 16;

pub(super) type Block = [u8; BLOCK];

/// The ink of an area in blocks: rows of runs, of which each is opaque text or has coverage for every pixel.
///
/// Of a comment's box a half to two thirds is empty; what is left out here is neither stored nor looked at again.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) area: Area,
    rows: Box<[u32]>, // where each row's runs begin, and the last one's end
    runs: Box<[Run]>,
    cover: Box<[Block]>,
    fill: Box<[Block]>, // never above cover
}

#[derive(Clone, Copy, Debug)]
struct Run {
    first: u16, // block column
    len: u16,
    data: u32, // the first block's place, or OPAQUE
}

const OPAQUE: u32 = u32::MAX;

/// Neighbouring blocks of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    /// Pixels from the area's left edge.
    pub(super) start: usize,
    /// Pixels, a multiple of [`BLOCK`]. The last block of a row may reach beyond the area, with nothing on it.
    pub(super) len: usize,
    /// Cover and fill; `None` where the text's colour hides all.
    pub(super) ink: Option<(&'a [Block], &'a [Block])>,
}

impl Blocks {
    /// Ink of at most 2^20 columns, of which no row is longer than what a run can count.
    pub(super) fn pack(ink: &Ink) -> Self {
        let width = ink.area.width();
        if ink.cover.is_empty() || width.div_ceil(BLOCK) > usize::from(u16::MAX) {
            return Self {
                area: Area {
                    right: ink.area.left,
                    ..ink.area
                },
                ..Self::default()
            };
        }
        let mut rows = Vec::with_capacity(ink.area.height() + 1);
        let (mut runs, mut cover, mut fill) = (Vec::<Run>::new(), Vec::new(), Vec::new());
        let count = |len: usize| u32::try_from(len).unwrap_or(OPAQUE);
        for (covers, fills) in ink.cover.chunks(width).zip(ink.fill.chunks(width)) {
            rows.push(count(runs.len()));
            let mut open: Option<Run> = None;
            let blocks = covers.chunks(BLOCK).zip(fills.chunks(BLOCK));
            for (column, (covers, fills)) in (0_u16..).zip(blocks) {
                let empty = covers.iter().fold(0, |any, &value| any | value) == 0;
                let opaque = covers.len() == BLOCK
                    && fills.iter().fold(255, |all, &value| all & value) == 255;
                let continues = open.is_some_and(|run| (run.data == OPAQUE) == opaque);
                if empty || !continues {
                    runs.extend(open.take());
                }
                if empty {
                    continue;
                }
                let run = open.get_or_insert(Run {
                    first: column,
                    len: 0,
                    data: if opaque { OPAQUE } else { count(cover.len()) },
                });
                run.len += 1;
                if !opaque {
                    cover.push(block(covers));
                    fill.push(block(fills));
                }
            }
            runs.extend(open);
        }
        rows.push(count(runs.len()));
        Self {
            area: ink.area,
            rows: rows.into(),
            runs: runs.into(),
            cover: cover.into(),
            fill: fill.into(),
        }
    }

    /// What there is in a row of the area, from left to right.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = Stretch<'_>> {
        let runs = self.rows[row] as usize..self.rows[row + 1] as usize;
        self.runs[runs].iter().map(|run| {
            let len = usize::from(run.len);
            let data = run.data as usize;
            Stretch {
                start: usize::from(run.first) * BLOCK,
                len: len * BLOCK,
                ink: (run.data != OPAQUE)
                    .then(|| (&self.cover[data..data + len], &self.fill[data..data + len])),
            }
        })
    }

    /// Writes a row's cover and fill into slices of at least the area's width rounded up to blocks.
    pub(super) fn unpack_row(&self, row: usize, cover: &mut [u8], fill: &mut [u8]) {
        cover.fill(0);
        fill.fill(0);
        for stretch in self.row(row) {
            let pixels = stretch.start..stretch.start + stretch.len;
            let (cover, fill) = (&mut cover[pixels.clone()], &mut fill[pixels]);
            match stretch.ink {
                None => {
                    cover.fill(255);
                    fill.fill(255);
                }
                Some((covers, fills)) => {
                    cover.copy_from_slice(covers.as_flattened());
                    fill.copy_from_slice(fills.as_flattened());
                }
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.rows)
            + size_of_val(&*self.runs)
            + size_of_val(&*self.cover) * 2
            + size_of::<Self>()
    }
}

/// A block, filled up with zeros.
fn block(pixels: &[u8]) -> Block {
    let mut block = [0; BLOCK];
    block[..pixels.len()].copy_from_slice(pixels);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever was packed comes out again: rows with empty, opaque and mixed stretches of any length.
        #[test]
        fn packing_loses_nothing(
            width in 1_i32..90,
            stretches in prop::collection::vec((0_usize..40, 0_u8..4), 1..60),
        ) {
            let values = stretches.iter().flat_map(|&(len, kind)| {
                (0..len).map(move |i| match kind {
                    0 => (0, 0),
                    1 => (255, 255),
                    2 => (102, 0),
                    _ => (1 + (i % 255) as u8, (i % 200) as u8 / 2),
                })
            });
            let mut ink = Ink::new(Area::of_size(width, 5));
            for ((cover, fill), (c, f)) in ink.cover.iter_mut().zip(&mut ink.fill).zip(values) {
                (*cover, *fill) = (c, f.min(c));
            }
            let blocks = Blocks::pack(&ink);
            let width = ink.area.width();
            let (mut cover, mut fill) = (vec![9; width + BLOCK], vec![9; width + BLOCK]);
            for row in 0..5 {
                blocks.unpack_row(row, &mut cover, &mut fill);
                prop_assert_eq!(&cover[..width], &ink.cover[row * width..][..width]);
                prop_assert_eq!(&fill[..width], &ink.fill[row * width..][..width]);
                prop_assert!(cover[width..].iter().all(|&c| c == 0));
            }
        }
    }

    /// 40 pixels: 16 empty, 16 opaque, 8 of outline. One block of coverage is kept.
    #[test]
    fn empty_and_opaque_blocks_are_not_kept() {
        let mut ink = Ink::new(Area::of_size(40, 1));
        ink.cover[16..32].fill(255);
        ink.fill[16..32].fill(255);
        ink.cover[32..].fill(102);
        let blocks = Blocks::pack(&ink);
        assert_eq!(blocks.cover.len(), 1);
        let stretches: Vec<_> = blocks
            .row(0)
            .map(|s| (s.start, s.len, s.ink.is_none()))
            .collect();
        assert_eq!(stretches, [(16, 16, true), (32, 16, false)]);
    }
}
