//! Comments as masks that can be laid over any picture in any colour.

use std::sync::OnceLock;

use super::glyph_mask::GlyphMask;
use crate::ChromaSiting;

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
}

impl Area {
    pub(crate) fn intersect(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    pub(crate) fn shifted(self, x: i32, y: i32) -> Self {
        Self {
            left: self.left.saturating_add(x),
            top: self.top.saturating_add(y),
            right: self.right.saturating_add(x),
            bottom: self.bottom.saturating_add(y),
        }
    }

    pub(crate) fn width(self) -> usize {
        usize::try_from(i64::from(self.right) - i64::from(self.left)).unwrap_or(0)
    }

    pub(crate) fn height(self) -> usize {
        usize::try_from(i64::from(self.bottom) - i64::from(self.top)).unwrap_or(0)
    }
}

/// A drawn comment without its colours. A pixel shows `fill`/255 of the text's colour, `(cover - fill)`/255 of the outline's,
/// and the rest of what is behind.
#[derive(Debug)]
pub(crate) struct Sprite {
    /// Where it lies, from the comment's left and top edge.
    pub(crate) area: Area,
    pub(crate) cover: Vec<u8>,
    pub(crate) fill: Vec<u8>, // never above cover
    chroma: [OnceLock<Box<Self>>; 8],
}

impl Sprite {
    pub(crate) fn new(area: Area) -> Self {
        let size = if area.is_empty() {
            0
        } else {
            area.width() * area.height()
        };
        Self {
            area,
            cover: vec![0; size],
            fill: vec![0; size],
            chroma: Default::default(),
        }
    }

    /// The sprite for chroma of half the size, when its own origin lies at `x`, `y`; its area is counted from there in chroma
    /// samples, from `x`/2 and `y`/2 rounded down.
    pub(crate) fn chroma(&self, x: i32, y: i32, siting: ChromaSiting) -> &Self {
        let parity = (x.rem_euclid(2), y.rem_euclid(2));
        let which = parity.0 + 2 * parity.1 + if siting == ChromaSiting::Left { 4 } else { 0 };
        let which = usize::try_from(which).expect("remainders are not negative");
        self.chroma[which].get_or_init(|| Box::new(halved(self, parity, siting)))
    }

    /// Lays the widened glyph over what is there, with the outline's opacity.
    pub(crate) fn stroke(&mut self, mask: &GlyphMask, x: i32, y: i32, alpha: u8) {
        self.blend(mask, x, y, &mask.stroke, |cover, fill, coverage| {
            let over = mul(coverage, alpha);
            *cover += mul(255 - *cover, over);
            *fill -= mul(*fill, over);
        });
    }

    /// Lays the glyph over what is there.
    pub(crate) fn fill(&mut self, mask: &GlyphMask, x: i32, y: i32) {
        self.blend(mask, x, y, &mask.fill, |cover, fill, coverage| {
            *cover += mul(255 - *cover, coverage);
            *fill = (*fill - mul(*fill, coverage))
                .saturating_add(coverage)
                .min(*cover);
        });
    }

    /// Makes it as a whole more transparent.
    pub(crate) fn fade(&mut self, opacity: u8) {
        if opacity < 255 {
            let both = self.cover.iter_mut().chain(&mut self.fill);
            both.for_each(|value| *value = mul(*value, opacity));
        }
    }

    /// Memory it takes, with half as much for chroma that may be added.
    pub(crate) fn bytes(&self) -> usize {
        self.cover.len() * 3 + size_of::<Self>()
    }

    fn blend(
        &mut self,
        mask: &GlyphMask,
        x: i32,
        y: i32,
        coverage: &[u8],
        over: impl Fn(&mut u8, &mut u8, u8),
    ) {
        let mask_area = mask_area(mask, x, y);
        let shared = self.area.intersect(mask_area);
        if shared.is_empty() {
            return;
        }
        let offset = |area: Area, row: i32| {
            let rows =
                usize::try_from(row - area.top).expect("rows of the shared area are in both");
            let columns = usize::try_from(shared.left - area.left).expect("as are columns");
            rows * area.width() + columns
        };
        for row in shared.top..shared.bottom {
            let here = offset(self.area, row)..offset(self.area, row) + shared.width();
            let there = offset(mask_area, row)..offset(mask_area, row) + shared.width();
            let pixels = self.cover[here.clone()]
                .iter_mut()
                .zip(&mut self.fill[here]);
            for ((cover, fill), &coverage) in pixels.zip(&coverage[there]) {
                if coverage > 0 {
                    over(cover, fill, coverage);
                }
            }
        }
    }
}

/// Averages a sprite over the luma samples around each chroma sample.
fn halved(sprite: &Sprite, parity: (i32, i32), siting: ChromaSiting) -> Sprite {
    let area = sprite.area.shifted(parity.0, parity.1);
    let half = Area {
        left: area.left.div_euclid(2),
        top: area.top.div_euclid(2),
        right: area.right.div_euclid(2) + 1,
        bottom: (area.bottom + 1).div_euclid(2),
    };
    if sprite.cover.is_empty() {
        return Sprite::new(Area {
            right: half.left,
            ..half
        });
    }
    let mut chroma = Sprite::new(half);
    // Entry 0 of the sums is for the luma column left of the first chroma sample's.
    let offset = usize::try_from(area.left - (half.left * 2 - 1)).expect("1 or 2");
    let mut sums = vec![0_u16; half.width() * 2 + 1];
    let width = area.width();
    for (from, to) in [
        (&sprite.cover, &mut chroma.cover),
        (&sprite.fill, &mut chroma.fill),
    ] {
        for (row, averages) in (half.top..half.bottom).zip(to.chunks_mut(half.width())) {
            sums.fill(0);
            for luma_row in [row * 2, row * 2 + 1] {
                if let Ok(at) = usize::try_from(luma_row - area.top)
                    && at < area.height()
                {
                    let line = &from[at * width..][..width];
                    sums[offset..]
                        .iter_mut()
                        .zip(line)
                        .for_each(|(sum, &value)| *sum += u16::from(value));
                }
            }
            average(&sums, averages, siting);
        }
    }
    chroma
}

/// Chroma values from sums over two rows.
fn average(sums: &[u16], into: &mut [u8], siting: ChromaSiting) {
    let byte = |value: u16| u8::try_from(value).unwrap_or(u8::MAX);
    for (s, value) in sums.windows(3).step_by(2).zip(into) {
        *value = byte(match siting {
            ChromaSiting::Left => (s[0] + 2 * s[1] + s[2] + 4) / 8,
            ChromaSiting::Center => (s[1] + s[2] + 2) / 4,
        });
    }
}

/// Where a glyph's mask lies when its origin is at `x`, `y`.
pub(crate) fn mask_area(mask: &GlyphMask, x: i32, y: i32) -> Area {
    let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let (left, top) = (x.saturating_add(mask.left), y.saturating_add(mask.top));
    Area {
        left,
        top,
        right: left.saturating_add(side(mask.width)),
        bottom: top.saturating_add(side(mask.height)),
    }
}

/// a · b / 255, rounded.
#[expect(
    clippy::cast_possible_truncation,
    reason = "255 · 255 / 255 fits a byte"
)]
pub(crate) fn mul(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}
