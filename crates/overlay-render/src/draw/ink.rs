//! A comment while it is being drawn: two planes of coverage that glyphs are laid on.

use pulp::{Arch, Simd, WithSimd};

use super::area::Area;
use super::glyph_mask::GlyphMask;

/// Coverage by anything at all, and by the text's colour alone, row by row. A pixel shows `fill`/255 of the text's colour,
/// `(cover - fill)`/255 of the outline's, and the rest of what is behind.
#[derive(Debug, Default)]
pub(super) struct Ink {
    pub(super) area: Area,
    pub(super) cover: Vec<u8>,
    pub(super) fill: Vec<u8>, // never above cover
}

impl Ink {
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
        self.lay(arch, mask, x, y, &mask.stroke, |cover, fill, coverage| {
            let over = mul(coverage, alpha);
            (cover + mul(255 - cover, over), fill - mul(fill, over))
        });
    }

    /// Lays the glyph over what is there.
    pub(super) fn fill(&mut self, arch: Arch, mask: &GlyphMask, x: i32, y: i32) {
        self.lay(arch, mask, x, y, &mask.fill, |cover, fill, coverage| {
            let cover = cover + mul(255 - cover, coverage);
            (cover, (fill - mul(fill, coverage) + coverage).min(cover))
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
        coverage: &[u8],
        over: impl Fn(u16, u16, u16) -> (u16, u16),
    ) {
        let mask_area = mask.area(x, y);
        let shared = self.area.intersect(mask_area);
        if !shared.is_empty() {
            arch.dispatch(Lay {
                ink: self,
                coverage,
                mask_area,
                shared,
                over,
            });
        }
    }
}

/// New cover and fill from those that are there and the glyph's coverage, wherever the two share pixels.
struct Lay<'a, F> {
    ink: &'a mut Ink,
    coverage: &'a [u8],
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
        let (width, area) = (shared.width(), self.ink.area);
        for row in shared.top..shared.bottom {
            let here = offset(area, row)..offset(area, row) + width;
            let there = offset(self.mask_area, row)..offset(self.mask_area, row) + width;
            let cover = &mut self.ink.cover[here.clone()];
            let fill = &mut self.ink.fill[here];
            for ((cover, fill), &coverage) in cover.iter_mut().zip(fill).zip(&self.coverage[there])
            {
                let (c, f) = (self.over)(u16::from(*cover), u16::from(*fill), u16::from(coverage));
                (*cover, *fill) = (low_byte(c), low_byte(f));
            }
        }
    }
}

/// a · b / 255, rounded, of two bytes.
#[inline(always)]
pub(super) fn mul(a: u16, b: u16) -> u16 {
    let product = a * b + 128;
    (product + (product >> 8)) >> 8
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low byte is what is asked for"
)]
pub(super) fn low_byte(value: u16) -> u8 {
    value as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of all 65,536 products: the nearest whole number to a·b/255.
    #[test]
    fn products_are_rounded() {
        for a in 0..=255_u16 {
            for b in 0..=255_u16 {
                let exact = f64::from(a) * f64::from(b) / 255.0;
                assert!((f64::from(mul(a, b)) - exact).abs() <= 0.5, "{a} {b}");
            }
        }
    }

    /// An outline of 40 % under a letter: outline alone 102, twice over 102 + 153 · 0.4 = 163, the letter hides it.
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
        let mut ink = Ink::new(Area::of_size(4, 1));
        let arch = Arch::new();
        ink.stroke(arch, &mask, 0, 0, 102);
        ink.stroke(arch, &mask, 1, 0, 102);
        assert_eq!(ink.cover, [102, 163, 163, 102]);
        ink.fill(arch, &mask, 0, 0);
        assert_eq!(ink.cover, [102, 209, 255, 102]);
        assert_eq!(ink.fill, [0, 128, 255, 0]);
        ink.stroke(arch, &mask, 0, 0, 102); // the next line's outline lies over this one's letters
        assert_eq!(ink.fill, [0, 77, 153, 0]);
        ink.fade(128);
        assert_eq!(ink.fill, [0, 39, 77, 0]);
    }
}
