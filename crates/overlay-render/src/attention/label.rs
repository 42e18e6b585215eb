//! Plain lines of text under pictures.

use std::collections::HashMap;

use ab_glyph::{Font as _, FontRef, GlyphId, PxScale, ScaleFont as _, point};
use image::{Rgb, RgbImage};

use crate::text::Fonts;
use crate::text::family::Family;

/// Sets lines of text with the regular Japanese face and the fallbacks behind it.
pub(super) struct Labeller<'a> {
    fonts: &'a Fonts,
    faces: HashMap<u16, Option<FontRef<'a>>>,
}

/// A glyph and where the pen stands.
struct Placed {
    face: u16,
    id: GlyphId,
    x: f32,
}

impl<'a> Labeller<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        Self {
            fonts,
            faces: HashMap::new(),
        }
    }

    /// Draws a line centred at `centre` with its baseline at `baseline`, cut off with "…" where it
    /// is wider than `width`.
    pub(super) fn draw(
        &mut self,
        picture: &mut RgbImage,
        text: &str,
        (centre, baseline): (f32, f32),
        (size, width): (f32, f32),
        color: [u8; 3],
    ) {
        let text = self.fitted(text, size, width);
        let (glyphs, length) = self.set(&text, size);
        let left = centre - length / 2.0;
        for glyph in glyphs {
            let Some(Some(font)) = self.faces.get(&glyph.face) else {
                continue;
            };
            let scale = scale(font, size);
            let placed = glyph
                .id
                .with_scale_and_position(scale, point(left + glyph.x, baseline));
            let Some(outlined) = font.outline_glyph(placed) else {
                continue;
            };
            let bounds = outlined.px_bounds();
            outlined.draw(|x, y, coverage| {
                blend(picture, bounds.min.x, bounds.min.y, (x, y), coverage, color);
            });
        }
    }

    /// The text, or as much of its beginning as fits with a "…" behind it.
    fn fitted(&mut self, text: &str, size: f32, width: f32) -> String {
        // Longer than any picture is wide; nobody sets 100,000 characters to see that they do not
        // fit.
        let mut line: String = text
            .chars()
            .filter(|c| !c.is_control())
            .take(1_000)
            .collect();
        if self.set(&line, size).1 <= width {
            return line;
        }
        while line.pop().is_some() {
            let shortened = format!("{line}…");
            if self.set(&shortened, size).1 <= width {
                return shortened;
            }
        }
        line
    }

    /// Glyphs with their places on a line that starts at 0, and its length.
    fn set(&mut self, text: &str, size: f32) -> (Vec<Placed>, f32) {
        let mut pen = 0.0;
        let mut glyphs = Vec::new();
        for c in text.chars() {
            let Some((face, id)) = self.glyph(c) else {
                continue;
            };
            if let Some(Some(font)) = self.faces.get(&face) {
                glyphs.push(Placed { face, id, x: pen });
                pen += font.as_scaled(scale(font, size)).h_advance(id);
            }
        }
        (glyphs, pen)
    }

    /// The character in the first face that has it, or what the first face shows in its place.
    fn glyph(&mut self, c: char) -> Option<(u16, GlyphId)> {
        let chain = self.fonts.chain(Family::Gothic);
        let found = chain.iter().find_map(|&face| {
            let id = self.face(face)?.glyph_id(c);
            (id.0 != 0).then_some((face, id))
        });
        found.or_else(|| Some((*chain.first()?, GlyphId(0))))
    }

    fn face(&mut self, face: u16) -> Option<&FontRef<'a>> {
        let fonts = self.fonts;
        let open = || {
            let (bytes, index) = fonts.data(face)?;
            FontRef::try_from_slice_and_index(bytes, index).ok()
        };
        self.faces.entry(face).or_insert_with(open).as_ref()
    }
}

/// The scale that makes the em `size` pixels.
fn scale(font: &FontRef<'_>, size: f32) -> PxScale {
    let em = font.units_per_em().unwrap_or(1_000.0).max(1.0);
    PxScale::from(size * font.height_unscaled() / em)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of a picture; what lies outside is left out, and colours are within a byte's values"
)]
fn blend(
    picture: &mut RgbImage,
    left: f32,
    top: f32,
    (x, y): (u32, u32),
    coverage: f32,
    color: [u8; 3],
) {
    let (x, y) = (left + x as f32, top + y as f32);
    if x < 0.0 || y < 0.0 || x >= picture.width() as f32 || y >= picture.height() as f32 {
        return;
    }
    let Rgb(pixel) = picture.get_pixel_mut(x as u32, y as u32);
    let coverage = coverage.clamp(0.0, 1.0);
    for (channel, color) in pixel.iter_mut().zip(color) {
        let mixed = f32::from(*channel) * (1.0 - coverage) + f32::from(color) * coverage;
        *channel = (mixed + 0.5) as u8;
    }
}
