//! Comments as masks that can be laid over any picture in any colour.

use std::sync::OnceLock;

use super::alpha::low_byte;
use super::area::Area;
use super::blocks::Blocks;
use super::coverage::Coverage;
use super::sprite_picture::SpritePicture;
use super::yuv_colors::ChromaSiting;

/// A drawn comment without its colours.
#[derive(Debug)]
pub(crate) struct Sprite {
    /// Its coverage, from the comment's left and top edge.
    pub(super) luma: Blocks,
    chroma: [OnceLock<Box<Blocks>>; 12],
    /// What has colours of its own, over all else.
    pub(super) picture: Option<Box<SpritePicture>>,
}

impl Sprite {
    pub(super) fn new(coverage: &Coverage, picture: Option<SpritePicture>) -> Self {
        Self {
            luma: Blocks::pack(coverage),
            chroma: Default::default(),
            picture: picture.map(Box::new),
        }
    }

    /// The coverage for chroma with fewer samples, when the comment's corner lies at `x`, `y`; its
    /// area is counted from there in chroma samples, from `x`/2 and, where rows are fewer, `y`/2
    /// rounded down.
    pub(super) fn chroma(&self, at: (i32, i32), shape: ChromaShape) -> &Blocks {
        let parity = match shape.rows_halved {
            true => (at.0.rem_euclid(2), at.1.rem_euclid(2)),
            false => (at.0.rem_euclid(2), 0),
        };
        let left = i32::from(shape.siting == ChromaSiting::Left);
        let which = match shape.rows_halved {
            true => parity.0 + 2 * parity.1 + 4 * left,
            false => 8 + parity.0 + 2 * left,
        };
        let which = usize::try_from(which).expect("remainders are not negative");
        self.chroma[which].get_or_init(|| Box::new(halved(&self.luma, parity, shape)))
    }

    /// Memory it takes, with the chroma of the two parities that a scrolling comment comes by.
    pub(super) fn bytes(&self) -> usize {
        let picture = self.picture.as_ref().map_or(0, |picture| picture.bytes());
        self.luma.bytes() * 3 / 2 + picture + size_of::<Self>()
    }
}

/// Which luma samples belong to a chroma sample: two of a row, and those of two rows where these are
/// halved.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChromaShape {
    pub(super) rows_halved: bool,
    pub(super) siting: ChromaSiting,
}

/// Averages coverage over the luma samples around each chroma sample.
fn halved(luma: &Blocks, parity: (i32, i32), shape: ChromaShape) -> Blocks {
    let area = luma.area.shifted(parity.0, parity.1);
    if area.is_empty() {
        return Blocks::default();
    }
    let half = Area {
        left: area.left.div_euclid(2),
        top: if shape.rows_halved {
            area.top.div_euclid(2)
        } else {
            area.top
        },
        right: area.right.div_euclid(2) + 1,
        bottom: if shape.rows_halved {
            (area.bottom + 1).div_euclid(2)
        } else {
            area.bottom
        },
    };
    let mut chroma = Coverage::new(half);
    // Entry 0 of the sums is for the luma column left of the first chroma sample's.
    let offset = usize::try_from(area.left - (half.left * 2 - 1)).expect("1 or 2");
    let mut rows = [vec![0; area.width()], vec![0; area.width()]];
    let mut sums = [
        vec![0_u16; half.width() * 2 + 2],
        vec![0; half.width() * 2 + 2],
    ];
    let targets = chroma
        .cover
        .chunks_mut(half.width())
        .zip(chroma.fill.chunks_mut(half.width()));
    for (row, (cover, fill)) in (half.top..half.bottom).zip(targets) {
        sums.iter_mut().for_each(|sums| sums.fill(0));
        // A row that stands alone counts twice.
        let luma_rows = match shape.rows_halved {
            true => [row * 2, row * 2 + 1],
            false => [row, row],
        };
        for luma_row in luma_rows {
            if let Ok(at) = u32::try_from(luma_row - area.top)
                && luma_row < area.bottom
            {
                let [covers, fills] = &mut rows;
                luma.unpack_row(at, covers, fills);
                for (sums, row) in sums.iter_mut().zip(&rows) {
                    sums[offset..]
                        .iter_mut()
                        .zip(row)
                        .for_each(|(sum, &value)| *sum += u16::from(value));
                }
            }
        }
        average(&sums[0], cover, shape.siting);
        average(&sums[1], fill, shape.siting);
    }
    Blocks::pack(&chroma)
}

/// Chroma values from sums over two rows.
fn average(sums: &[u16], into: &mut [u8], siting: ChromaSiting) {
    let pairs = sums.as_chunks::<2>().0.windows(2).zip(into);
    match siting {
        ChromaSiting::Left => pairs.for_each(|(s, value)| {
            *value = low_byte((s[0][0] + 2 * s[0][1] + s[1][0] + 4) / 8);
        }),
        ChromaSiting::Center => pairs.for_each(|(s, value)| {
            *value = low_byte((s[0][1] + s[1][0] + 2) / 4);
        }),
    }
}
