//! How much of each pixel a comment covers, while its glyphs are laid on it.

use pulp::{Arch, Simd, WithSimd};

use super::alpha::{low_byte, mul};
use super::area::Area;
use super::glyph_mask::GlyphMask;

/// Coverage of an area's pixels by anything at all, and by the text's colour alone, row by row.
///
/// A pixel shows `fill`/255 of the text's colour, `(cover - fill)`/255 of the outline's, and the
/// rest of what is behind.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) area: Area,
    pub(super) cover: Vec<u8>,
    pub(super) fill: Vec<u8>, // never above cover
}

impl Coverage {
    pub(super) fn new(area: Area) -> Self {
        let size = if area.is_empty() {
            0
        } else {
            area.width() * area.height()
        };
        Self {
            area,
            cover: vec![0; size],
            fill: vec![0; size],
        }
    }

    /// Lays the widened glyph over what is there, with the outline's opacity.
    pub(super) fn stroke(&mut self, arch: Arch, mask: &GlyphMask, x: i32, y: i32, alpha: u8) {
        let alpha = u16::from(alpha);
        self.lay(arch, mask, x, y, &mask.stroke, |cover, fill, glyph| {
            let over = mul(glyph, alpha);
            (cover + mul(255 - cover, over), fill - mul(fill, over))
        });
    }

    /// Lays the glyph over what is there.
    pub(super) fn fill(&mut self, arch: Arch, mask: &GlyphMask, x: i32, y: i32) {
        self.lay(arch, mask, x, y, &mask.fill, |cover, fill, glyph| {
            let cover = cover + mul(255 - cover, glyph);
            (cover, (fill - mul(fill, glyph) + glyph).min(cover))
        });
    }

    /// Makes it as a whole more transparent.
    pub(super) fn fade(&mut self, opacity: u8) {
        if opacity < 255 {
            let opacity = u16::from(opacity);
            let both = self.cover.iter_mut().chain(&mut self.fill);
            both.for_each(|value| *value = low_byte(mul(u16::from(*value), opacity)));
        }
    }

    fn lay(
        &mut self,
        arch: Arch,
        mask: &GlyphMask,
        x: i32,
        y: i32,
        glyph: &[u8],
        over: impl Fn(u16, u16, u16) -> (u16, u16),
    ) {
        let mask_area = mask.area(x, y);
        let shared = self.area.intersect(mask_area);
        if !shared.is_empty() {
            arch.dispatch(Lay {
                onto: self,
                glyph,
                mask_area,
                shared,
                over,
            });
        }
    }
}

/// New cover and fill from those that are there and the glyph's coverage, where they share pixels.
struct Lay<'a, F> {
    onto: &'a mut Coverage,
    glyph: &'a [u8],
    mask_area: Area,
    shared: Area,
    over: F,
}

impl<F: Fn(u16, u16, u16) -> (u16, u16)> WithSimd for Lay<'_, F> {
    type Output = ();

    /// Compiled for each instruction set, by which it is made into vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let shared = self.shared;
        let offset = |area: Area, row: i32| {
            let rows = usize::try_from(row - area.top).expect("shared rows are in both");
            let columns = usize::try_from(shared.left - area.left).expect("as are columns");
            rows * area.width() + columns
        };
        let (width, area) = (shared.width(), self.onto.area);
        for row in shared.top..shared.bottom {
            let here = offset(area, row)..offset(area, row) + width;
            let there = offset(self.mask_area, row)..offset(self.mask_area, row) + width;
            let cover = &mut self.onto.cover[here.clone()];
            let fill = &mut self.onto.fill[here];
            for ((cover, fill), &glyph) in cover.iter_mut().zip(fill).zip(&self.glyph[there]) {
                let (c, f) = (self.over)(u16::from(*cover), u16::from(*fill), u16::from(glyph));
                (*cover, *fill) = (low_byte(c), low_byte(f));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An outline of 40 % under a letter: outline alone 102, twice over 102 + 153 · 0.4 = 163, the
    /// letter hides it.
    #[test]
    fn strokes_add_up_and_fills_cover_them() {
        let mask = GlyphMask {
            left: 0,
            top: 0,
            width: 3,
            height: 1,
            fill: Box::new([0, 128, 255]),
            stroke: Box::new([255, 255, 255]),
        };
        let mut coverage = Coverage::new(Area::of_size(4, 1));
        let arch = Arch::new();
        coverage.stroke(arch, &mask, 0, 0, 102);
        coverage.stroke(arch, &mask, 1, 0, 102);
        assert_eq!(coverage.cover, [102, 163, 163, 102]);
        coverage.fill(arch, &mask, 0, 0);
        assert_eq!(coverage.cover, [102, 209, 255, 102]);
        assert_eq!(coverage.fill, [0, 128, 255, 0]);
        // The next line's outline lies over this one's letters.
        coverage.stroke(arch, &mask, 0, 0, 102);
        assert_eq!(coverage.fill, [0, 77, 153, 0]);
        coverage.fade(128);
        assert_eq!(coverage.fill, [0, 39, 77, 0]);
    }
}
