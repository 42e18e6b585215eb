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
        let mut kinds = Vec::with_capacity(width.div_ceil(BLOCK));
        let count = |len: usize| u32::try_from(len).unwrap_or(OPAQUE);
        for (covers, fills) in ink.cover.chunks(width).zip(ink.fill.chunks(width)) {
            rows.push(count(runs.len()));
            kinds.clear();
            kinds.extend(
                covers
                    .chunks(BLOCK)
                    .zip(fills.chunks(BLOCK))
                    .map(|(c, f)| Kind::of(c, f)),
            );
            join_short(&mut kinds);
            let mut column = 0;
            for run in kinds.chunk_by(|a, b| a == b) {
                let columns = column..column + run.len();
                column = columns.end;
                let data = match run[0] {
                    Kind::Empty => continue,
                    Kind::Opaque => OPAQUE,
                    Kind::Mixed => count(cover.len()),
                };
                if run[0] == Kind::Mixed {
                    let pixels = columns.start * BLOCK..(columns.end * BLOCK).min(width);
                    cover.extend(covers[pixels.clone()].chunks(BLOCK).map(block));
                    fill.extend(fills[pixels].chunks(BLOCK).map(block));
                }
                runs.push(Run {
                    first: u16::try_from(columns.start).unwrap_or(u16::MAX),
                    len: u16::try_from(columns.len()).unwrap_or(u16::MAX),
                    data,
                });
            }
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

/// What a block has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Opaque,
    Mixed,
}

impl Kind {
    fn of(cover: &[u8], fill: &[u8]) -> Self {
        if cover.iter().fold(0, |any, &value| any | value) == 0 {
            Self::Empty
        } else if fill.len() == BLOCK && fill.iter().fold(255, |all, &value| all & value) == 255 {
            Self::Opaque
        } else {
            Self::Mixed
        }
    }
}

/// A run costs about as much as three blocks: what is shorter and lies between others becomes one with them.
fn join_short(kinds: &mut [Kind]) {
    let mut start = 0;
    while let Some(&kind) = kinds.get(start) {
        let len = kinds[start..]
            .iter()
            .take_while(|&&other| other == kind)
            .count();
        let end = start + len;
        let between = start > 0 && end < kinds.len();
        let join = match kind {
            Kind::Empty => between && len < 2,
            Kind::Opaque => len < 4,
            Kind::Mixed => false,
        };
        if join {
            kinds[start..end].fill(Kind::Mixed);
        }
        start = end;
    }
}

/// A block, filled up with zeros.
fn block(pixels: &[u8]) -> Block {
    let mut block = [0; BLOCK];
    block[..pixels.len()].copy_from_slice(pixels);
    block
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

    /// 120 pixels: 32 empty, 64 opaque, 24 of outline. Two blocks of coverage are kept.
    #[test]
    fn empty_and_opaque_blocks_are_not_kept() {
        let mut ink = Ink::new(Area::of_size(120, 1));
        ink.cover[32..96].fill(255);
        ink.fill[32..96].fill(255);
        ink.cover[96..].fill(102);
        let blocks = Blocks::pack(&ink);
        assert_eq!(blocks.cover.len(), 2);
        let stretches: Vec<_> = blocks
            .row(0)
            .map(|s| (s.start, s.len, s.ink.is_none()))
            .collect();
        assert_eq!(stretches, [(32, 64, true), (96, 32, false)]);
    }
}
