use std::sync::Arc;

use pulp::Arch;

use super::alpha::byte;
use super::area::Area;
use super::cache::Cache;
use super::color_glyph::ColorGlyph;
use super::coverage::Coverage;
use super::glyph_mask::GlyphMask;
use super::glyphs::{GlyphId, GlyphSize, Glyphs};
use super::outline::OutlineStyle;
use super::sprite::Sprite;
use super::sprite_picture::SpritePicture;
use super::subpixel::{Grid, Subpixel, fraction, split};
use crate::place::{PlacedComment, UNIT};
use crate::text::Fonts;
use crate::text::family::Family;
use crate::text::shape::Shaper;
use crate::viewport::Viewport;

/// Parts of a pixel that the width of a stretched em is rounded to, so that comments share glyphs.
const EM_PARTS: f64 = 64.0;
/// How far around its box a comment is drawn, in ems. Letters reach less far; marks can be piled up
/// to any height, and a font may have its glyphs anywhere.
const REACH: f64 = 4.0;

/// The drawings of comments. Each distinct one is made once for every subpixel that it is seen at,
/// whatever its colours.
pub(super) struct Sprites<'a> {
    shaper: Shaper<'a>,
    glyphs: Glyphs<'a>,
    kept: Cache<Key, Sprite>,
    viewport: Viewport,
    style: OutlineStyle,
    arch: Arch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    content: u32,
    subpixel: (Subpixel, Subpixel),
    window: Option<Area>,
}

/// A glyph of a comment: its drawing and where its origin is, in whole pixels from the comment's
/// corner.
struct PlacedGlyph<T> {
    drawing: Arc<T>,
    x: i32,
    y: i32,
}

/// The glyphs of a line: those that take the comment's colours, and those with colours of their own.
#[derive(Default)]
struct Line {
    masks: Vec<PlacedGlyph<GlyphMask>>,
    pictures: Vec<PlacedGlyph<Option<ColorGlyph>>>,
}

impl Line {
    /// Where its pictures lie.
    fn picture_areas(&self) -> impl Iterator<Item = Area> {
        let pictures = self.pictures.iter();
        pictures.filter_map(|glyph| Some((*glyph.drawing).as_ref()?.area(glyph.x, glyph.y)))
    }
}

impl<'a> Sprites<'a> {
    /// Sprites that are kept in so many bytes of memory.
    pub(super) fn new(
        fonts: &'a Fonts,
        viewport: Viewport,
        style: OutlineStyle,
        bytes: usize,
    ) -> Self {
        Self {
            shaper: Shaper::new(fonts),
            glyphs: Glyphs::new(fonts),
            kept: Cache::new(bytes),
            viewport,
            style,
            arch: Arch::new(),
        }
    }

    /// The drawing of a comment, between pixels as the subpixels say. Comments that look alike have
    /// one number as their `content`. What is far from its box is cut off; of a very large one only
    /// `window`, counted from its corner, is drawn.
    pub(super) fn sprite(
        &mut self,
        comment: &PlacedComment,
        content: u32,
        subpixel: (Subpixel, Subpixel),
        window: Option<Area>,
    ) -> Arc<Sprite> {
        let key = Key {
            content,
            subpixel,
            window,
        };
        if let Some(sprite) = self.kept.get(&key) {
            return sprite;
        }
        let sprite = Arc::new(self.draw(comment, subpixel, window));
        self.kept.insert(key, Arc::clone(&sprite), sprite.bytes());
        sprite
    }

    /// The same, drawn anew and not kept.
    pub(super) fn draw(
        &mut self,
        comment: &PlacedComment,
        subpixel: (Subpixel, Subpixel),
        window: Option<Area>,
    ) -> Sprite {
        let lines = self.place_glyphs(comment, subpixel, window);
        let reach = self.reach(comment);
        let cut = |area: Area| {
            let area = area.intersect(reach);
            window.map_or(area, |window| area.intersect(window))
        };
        let masks = lines.iter().flat_map(|line| &line.masks);
        let areas = masks.map(|glyph| glyph.drawing.area(glyph.x, glyph.y));
        let mut coverage = Coverage::new(cut(areas.reduce(Area::union).unwrap_or_default()));
        for line in &lines {
            for glyph in &line.masks {
                coverage.stroke(
                    self.arch,
                    &glyph.drawing,
                    glyph.x,
                    glyph.y,
                    comment.outline.alpha,
                );
            }
            for glyph in &line.masks {
                coverage.fill(self.arch, &glyph.drawing, glyph.x, glyph.y);
            }
        }
        coverage.fade(byte(comment.opacity));
        let areas = lines.iter().flat_map(Line::picture_areas);
        let area = areas.reduce(Area::union).map(cut);
        let picture = area.filter(|area| !area.is_empty()).map(|area| {
            let mut picture = SpritePicture::new(area);
            for glyph in lines.iter().flat_map(|line| &line.pictures) {
                if let Some(drawing) = &*glyph.drawing {
                    picture.lay(drawing, glyph.x, glyph.y);
                }
            }
            picture.fade(byte(comment.opacity));
            picture
        });
        Sprite::new(&coverage, picture)
    }

    /// How far a comment is drawn, from its corner: around its box, and around its lowest line,
    /// which may stand below that. In the Flash player's look a line may be longer than the box.
    fn reach(&self, comment: &PlacedComment) -> Area {
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        let whole = |length: f64| length.ceil() as i32;
        let (scale_x, scale_y) = self.viewport.scale();
        let reach = REACH * comment.font_px * UNIT * comment.glyph_scale;
        let (beside, beyond) = (reach * comment.stretch() * scale_x, reach * scale_y);
        let lowest = comment.baseline(comment.num_lines.saturating_sub(1));
        Area {
            left: whole(beside).saturating_neg(),
            top: whole(beyond).saturating_neg(),
            right: whole(comment.width * comment.stretch().min(2.0) * scale_x + beside),
            bottom: whole(comment.height.max(lowest) * scale_y + beyond),
        }
    }

    fn place_glyphs(
        &mut self,
        comment: &PlacedComment,
        subpixel: (Subpixel, Subpixel),
        window: Option<Area>,
    ) -> Vec<Line> {
        let (scale_x, scale_y) = self.viewport.scale();
        let magnified = UNIT * comment.glyph_scale;
        let across = magnified * comment.stretch() * scale_x;
        let mut em = (
            comment.font_px * across,
            comment.font_px * magnified * scale_y,
        );
        if comment.stretch() != 1.0 {
            em.0 = (em.0 * EM_PARTS).round() / EM_PARTS;
        }
        let size = GlyphSize {
            em,
            radius: comment.outline_width() / 2.0 * magnified * scale_y,
            style: self.style,
        };
        let start = (fraction(subpixel.0), fraction(subpixel.1));
        let all_glyphs = &mut self.glyphs;
        let mut lines = Vec::with_capacity(comment.num_lines);
        for (number, line) in comment.text.split('\n').enumerate() {
            let baseline = comment.baseline(number) * scale_y + start.1;
            let mut glyphs = Line::default();
            if window.is_none_or(|window| near(baseline, 2.0 * em.1, window.top, window.bottom)) {
                comment.line_glyphs(&mut self.shaper, line, |glyph, pen| {
                    let x = pen * across + f64::from(glyph.offset.0) * em.0 + start.0;
                    let y = baseline - f64::from(glyph.offset.1) * em.1;
                    if window.is_some_and(|window| !near(x, 4.0 * em.0, window.left, window.right))
                    {
                        return;
                    }
                    let ((x, sub_x), (y, sub_y)) =
                        (split(x, Grid::Quarters), split(y, Grid::Quarters));
                    let id = GlyphId {
                        face: glyph.face,
                        id: glyph.id,
                    };
                    let subpixel = (sub_x, sub_y);
                    let picture = all_glyphs.picture(id, size, subpixel);
                    if let Some(drawing) = picture.filter(|picture| picture.is_some()) {
                        glyphs.pictures.push(PlacedGlyph { drawing, x, y });
                    } else if let Some(drawing) = all_glyphs.mask(id, size, subpixel) {
                        glyphs.masks.push(PlacedGlyph { drawing, x, y });
                    }
                });
            }
            lines.push(glyphs);
        }
        lines
    }
}

/// What makes two comments look alike but for their colours.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Content<'a> {
    text: &'a str,
    family: Family,
    is_flash: bool,
    sizes: [u64; 2], // bits of character size and line height
    outline_alpha: u8,
    opacity: u8,
    lowered: bool,
}

impl<'a> Content<'a> {
    pub(super) fn of(comment: &'a PlacedComment) -> Self {
        Self {
            text: &comment.text,
            family: comment.family(),
            is_flash: comment.flash.is_some(),
            sizes: [comment.char_size.to_bits(), comment.line_height.to_bits()],
            outline_alpha: comment.outline.alpha,
            opacity: byte(comment.opacity),
            lowered: comment.is_lowered,
        }
    }
}

fn near(at: f64, margin: f64, low: i32, high: i32) -> bool {
    at + margin > f64::from(low) && at - margin < f64::from(high)
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::{LayoutOptions, layout};

    /// Letters far from a comment's box, as piled-up marks are, take no memory: medium ones are
    /// 75.9 pixels wide.
    #[test]
    fn what_is_far_from_the_box_is_cut_off() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
        let fonts =
            Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")]).unwrap();
        let comment = Comment::new(Vpos(0), "w".repeat(200));
        let placed = layout(&[comment], &fonts, &LayoutOptions::default());
        let mut comment = placed.comments()[0].clone();
        let viewport = Viewport::new(1920, 1080).unwrap();
        let mut sprites = Sprites::new(&fonts, viewport, OutlineStyle::default(), 1 << 20);
        let whole = sprites.draw(&comment, (0, 0), None).luma.area;
        assert!(whole.right > 2_000, "{whole:?}");
        comment.width = 100.0;
        let cut = sprites.draw(&comment, (0, 0), None).luma.area;
        let right = 404; // 100 and four times 75.9
        assert_eq!(cut, Area { right, ..whole });
    }
}
