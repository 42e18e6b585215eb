use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::FontRef;
use pulp::Arch;
use rustybuzz::ttf_parser::Face;

use super::cache::Cache;
use super::color_glyph::{ColorGlyph, ColorPen};
use super::glyph_mask::{GlyphMask, Pen};
use super::outline::OutlineStyle;
use super::subpixel::{Subpixel, fraction};
use crate::text::Fonts;
use crate::text::faces::has_pictures;

/// Memory for glyphs, in bytes, and for those in colour.
const BYTES: usize = 40 << 20;
const PICTURE_BYTES: usize = 8 << 20;

/// Glyphs that were drawn, at every size and subpixel that was asked for.
pub(super) struct Glyphs<'a> {
    fonts: &'a Fonts,
    faces: HashMap<u16, Option<FontRef<'a>>>,
    masks: Cache<Key, GlyphMask>,
    /// Faces with glyphs in colour.
    picture_faces: HashMap<u16, Option<Box<Face<'a>>>>,
    /// `None` of glyphs that have no picture.
    pictures: Cache<Key, Option<ColorGlyph>>,
    arch: Arch,
}

/// A glyph of a face.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct GlyphId {
    pub(super) face: u16,
    pub(super) id: u16,
}

/// How large glyphs are: pixels per em, and how far the outline reaches in vertical pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlyphSize {
    pub(super) em: (f64, f64),
    pub(super) radius: f64,
    pub(super) style: OutlineStyle,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    glyph: GlyphId,
    em: [u32; 2], // bits of both sizes
    radius: u32,
    subpixel: (Subpixel, Subpixel),
}

impl<'a> Glyphs<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        Self {
            fonts,
            faces: HashMap::new(),
            masks: Cache::new(BYTES),
            picture_faces: HashMap::new(),
            pictures: Cache::new(PICTURE_BYTES),
            arch: Arch::new(),
        }
    }

    /// The glyph between pixels; `None` if it leaves no mark.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes in pixels, where f32 is exact enough"
    )]
    pub(super) fn mask(
        &mut self,
        glyph: GlyphId,
        size: GlyphSize,
        subpixel: (Subpixel, Subpixel),
    ) -> Option<Arc<GlyphMask>> {
        let em = (size.em.0 as f32, size.em.1 as f32);
        let key = Key {
            glyph,
            em: [em.0.to_bits(), em.1.to_bits()],
            radius: (size.radius as f32).to_bits(),
            subpixel,
        };
        let mask = match self.masks.get(&key) {
            Some(mask) => mask,
            None => {
                let fonts = self.fonts;
                let font = self.faces.entry(glyph.face).or_insert_with(|| {
                    let (bytes, index) = fonts.data(glyph.face)?;
                    FontRef::try_from_slice_and_index(bytes, index).ok()
                });
                let pen = Pen {
                    em,
                    radius: size.radius as f32,
                    subpixel: (fraction(subpixel.0) as f32, fraction(subpixel.1) as f32),
                    style: size.style,
                };
                let mask = Arc::new(GlyphMask::draw(self.arch, font.as_ref()?, glyph.id, pen));
                self.masks.insert(key, Arc::clone(&mask), mask.bytes());
                mask
            }
        };
        (!mask.fill.is_empty()).then_some(mask)
    }

    /// The glyph's picture between pixels, if it has one in colour.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes in pixels, where f32 is exact enough"
    )]
    pub(super) fn picture(
        &mut self,
        glyph: GlyphId,
        size: GlyphSize,
        subpixel: (Subpixel, Subpixel),
    ) -> Option<Arc<Option<ColorGlyph>>> {
        let fonts = self.fonts;
        let face = self.picture_faces.entry(glyph.face).or_insert_with(|| {
            let (bytes, index) = fonts.data(glyph.face)?;
            let face = Face::parse(bytes, index).ok().filter(has_pictures)?;
            Some(Box::new(face))
        });
        let face = face.as_ref()?;
        let em = (size.em.0 as f32, size.em.1 as f32);
        let key = Key {
            glyph,
            em: [em.0.to_bits(), em.1.to_bits()],
            radius: 0,
            subpixel,
        };
        if let Some(known) = self.pictures.get(&key) {
            return Some(known);
        }
        let pen = ColorPen {
            em,
            subpixel: (fraction(subpixel.0) as f32, fraction(subpixel.1) as f32),
        };
        let drawn = Arc::new(ColorGlyph::draw(face, glyph.id, pen));
        let bytes = drawn.as_ref().as_ref().map_or(64, ColorGlyph::bytes);
        self.pictures.insert(key, Arc::clone(&drawn), bytes);
        Some(drawn)
    }
}
