use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::FontRef;
use nico_comments::Font;

use super::glyph_mask::{GlyphMask, Pen};
use super::sprite::{Area, Sprite, mask_area};

use crate::text::shape::Shaper;
use crate::{DrawItem, Fonts, Layout, PlacedComment, Rgba, UNIT, Viewport};

/// Steps between two pixels at which text can stand.
const PHASES: i32 = 4;
/// Width of the outline, in layout units; half of it is seen around the letters.
const OUTLINE: f64 = 2.8;
/// Memory for glyphs and for sprites, in bytes.
const GLYPH_BYTES: usize = 48 << 20;
const SPRITE_BYTES: usize = 192 << 20;
/// Sprites above this size are drawn only where they are seen.
const WHOLE_PIXELS: usize = 4 << 20;

/// A surface that comments are painted on.
pub(crate) trait Canvas {
    /// Lays a sprite with its area's origin at `x`, `y`. It may reach beyond the surface.
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba);
    /// Lays an even colour over an area. It may reach beyond the surface.
    fn rectangle(&mut self, area: Area, color: Rgba);
}

/// Paints the comments of a layout, moment by moment, and remembers what it has drawn.
pub(crate) struct Painter<'a> {
    layout: &'a Layout,
    viewport: Viewport,
    contents: Vec<u32>, // for each comment, which of the distinct drawings it has
    shaper: Option<Shaper<'a>>,
    faces: HashMap<u16, Option<FontRef<'a>>>,
    fonts: Option<&'a Fonts>,
    glyphs: HashMap<GlyphKey, Arc<GlyphMask>>,
    glyph_bytes: usize,
    sprites: HashMap<SpriteKey, Kept>,
    sprite_bytes: usize,
    frame: u64,
    list: Vec<DrawItem>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct GlyphKey {
    face: u16,
    id: u16,
    em: u32, // bits of the vertical size, which fixes the rest
    phase: (i8, i8),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SpriteKey {
    content: u32,
    phase: (i32, i32),
}

struct Kept {
    sprite: Arc<Sprite>,
    window: Option<Area>, // the part that was drawn, if not all
    used: u64,
}

/// A glyph of a comment: its mask and where its origin is, in whole pixels from the comment's corner.
struct Placed {
    mask: Arc<GlyphMask>,
    x: i32,
    y: i32,
}

impl<'a> Painter<'a> {
    pub(crate) fn new(layout: &'a Layout, viewport: Viewport) -> Self {
        let mut known = HashMap::new();
        let contents = layout
            .comments()
            .iter()
            .map(|comment| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(Content::of(comment)).or_insert(next)
            })
            .collect();
        Self {
            layout,
            viewport,
            contents,
            shaper: layout.fonts().map(Shaper::new),
            fonts: layout.fonts(),
            faces: HashMap::new(),
            glyphs: HashMap::new(),
            glyph_bytes: 0,
            sprites: HashMap::new(),
            sprite_bytes: 0,
            frame: 0,
            list: Vec::new(),
        }
    }

    /// Looks up what is on the stage at `t` centiseconds, and returns how many comments that are.
    pub(crate) fn look(&mut self, t: f64) -> usize {
        self.layout.draw_list_into(t, &mut self.list);
        self.list.len()
    }

    /// Paints what the last [`look`](Self::look) found.
    pub(crate) fn paint(&mut self, canvas: &mut impl Canvas) {
        self.frame += 1;
        let list = std::mem::take(&mut self.list);
        for item in &list {
            self.comment(item, canvas);
        }
        self.list = list;
    }

    fn comment(&mut self, item: &DrawItem, canvas: &mut impl Canvas) {
        let comment = &self.layout.comments()[item.index];
        let (x, y) = self.viewport.place(comment, item.x, item.y);
        let ((x, phase_x), (y, phase_y)) = (split(x), split(y));
        if let Some(color) = comment.fill_box {
            canvas.rectangle(self.box_area(comment).shifted(x, y), faded(color, comment));
        }
        let key = SpriteKey {
            content: self.contents[item.index],
            phase: (phase_x, phase_y),
        };
        let sprite = self.sprite(comment, key, x, y);
        let fill = Rgba::new(comment.color, 255);
        canvas.sprite(&sprite, x, y, fill, comment.outline);
        if let Some(color) = comment.frame {
            self.frame_around(comment, x, y, faded(color, comment), canvas);
        }
    }

    /// The drawing of a comment whose corner is at `x`, `y`, from the cache if it is there.
    fn sprite(&mut self, comment: &PlacedComment, key: SpriteKey, x: i32, y: i32) -> Arc<Sprite> {
        let window = self.window(comment, x, y);
        if let Some(kept) = self.sprites.get_mut(&key)
            && kept.window == window
        {
            kept.used = self.frame;
            return Arc::clone(&kept.sprite);
        }
        let sprite = Arc::new(self.draw(comment, key.phase, window));
        self.sprite_bytes += sprite.bytes();
        let kept = Kept {
            sprite: Arc::clone(&sprite),
            window,
            used: self.frame,
        };
        if let Some(old) = self.sprites.insert(key, kept) {
            self.sprite_bytes -= old.sprite.bytes();
        }
        if self.sprite_bytes > SPRITE_BYTES {
            self.forget_sprites();
        }
        sprite
    }

    /// Keeps the sprites that were used last, half of what may be kept.
    fn forget_sprites(&mut self) {
        let mut by_age: Vec<(u64, SpriteKey, usize)> = self
            .sprites
            .iter()
            .map(|(key, kept)| (kept.used, *key, kept.sprite.bytes()))
            .collect();
        by_age.sort_unstable_by_key(|&(used, ..)| used);
        for (_, key, bytes) in by_age {
            if self.sprite_bytes <= SPRITE_BYTES / 2 {
                break;
            }
            self.sprites.remove(&key);
            self.sprite_bytes -= bytes;
        }
    }

    /// The part of a very large comment that is seen, from its corner; `None` for others, which are drawn whole.
    fn window(&self, comment: &PlacedComment, x: i32, y: i32) -> Option<Area> {
        let area = self.box_area(comment);
        if area.width().saturating_mul(area.height()) <= WHOLE_PIXELS {
            return None;
        }
        let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let picture = Area {
            left: 0,
            top: 0,
            right: side(self.viewport.width()),
            bottom: side(self.viewport.height()),
        };
        Some(picture.shifted(x.saturating_neg(), y.saturating_neg()))
    }

    /// The comment's box from its corner.
    fn box_area(&self, comment: &PlacedComment) -> Area {
        let (scale_x, scale_y) = self.viewport.scale();
        Area {
            left: 0,
            top: 0,
            right: whole(comment.width * scale_x),
            bottom: whole(comment.height * scale_y),
        }
    }

    fn draw(&mut self, comment: &PlacedComment, phase: (i32, i32), window: Option<Area>) -> Sprite {
        let lines = self.place_glyphs(comment, phase, window);
        let areas = lines
            .iter()
            .flatten()
            .map(|glyph| mask_area(&glyph.mask, glyph.x, glyph.y));
        let mut area = areas.reduce(Area::union).unwrap_or(Area {
            left: 0,
            top: 0,
            right: 0,
            bottom: 0,
        });
        if let Some(window) = window {
            area = area.intersect(window);
        }
        let mut sprite = Sprite::new(area);
        for line in &lines {
            for glyph in line {
                sprite.stroke(&glyph.mask, glyph.x, glyph.y, comment.outline.alpha);
            }
            for glyph in line {
                sprite.fill(&glyph.mask, glyph.x, glyph.y);
            }
        }
        sprite.fade(byte(comment.opacity));
        sprite
    }

    fn place_glyphs(
        &mut self,
        comment: &PlacedComment,
        phase: (i32, i32),
        window: Option<Area>,
    ) -> Vec<Vec<Placed>> {
        let Some(mut shaper) = self.shaper.take() else {
            return Vec::new();
        };
        let (scale_x, scale_y) = self.viewport.scale();
        let magnified = UNIT * comment.glyph_scale;
        let em = (
            comment.font_px * magnified * scale_x,
            comment.font_px * magnified * scale_y,
        );
        let radius = OUTLINE / 2.0 * magnified * scale_y;
        let start = (quarters(phase.0), quarters(phase.1));
        let mut lines = Vec::with_capacity(comment.num_lines);
        for (number, line) in comment.text.split('\n').enumerate() {
            let baseline = comment.baseline(number) * scale_y + start.1;
            let mut glyphs = Vec::new();
            if window.is_none_or(|window| near(baseline, 2.0 * em.1, window.top, window.bottom)) {
                let mut pen = 0.0;
                shaper.line(comment.font, line, |token| {
                    for glyph in token {
                        let x =
                            pen * magnified * scale_x + f64::from(glyph.offset.0) * em.0 + start.0;
                        let y = baseline - f64::from(glyph.offset.1) * em.1;
                        pen += glyph.advance(comment.font_px);
                        if window
                            .is_some_and(|window| !near(x, 4.0 * em.0, window.left, window.right))
                        {
                            continue;
                        }
                        let ((x, phase_x), (y, phase_y)) = (split(x), split(y));
                        let key = (glyph.face, glyph.id, (phase_x, phase_y));
                        if let Some(mask) = self.glyph(key, em, radius) {
                            glyphs.push(Placed { mask, x, y });
                        }
                    }
                });
            }
            lines.push(glyphs);
        }
        self.shaper = Some(shaper);
        lines
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes in pixels, where f32 is exact enough, and phases below 4"
    )]
    fn glyph(
        &mut self,
        (face, id, phase): (u16, u16, (i32, i32)),
        em: (f64, f64),
        radius: f64,
    ) -> Option<Arc<GlyphMask>> {
        let key = GlyphKey {
            face,
            id,
            em: (em.1 as f32).to_bits(),
            phase: (phase.0 as i8, phase.1 as i8),
        };
        if let Some(mask) = self.glyphs.get(&key) {
            return (!mask.fill.is_empty()).then(|| Arc::clone(mask));
        }
        let fonts = self.fonts?;
        let font = self.faces.entry(face).or_insert_with(|| {
            let (bytes, index) = fonts.data(face)?;
            FontRef::try_from_slice_and_index(bytes, index).ok()
        });
        let pen = Pen {
            em: (em.0 as f32, em.1 as f32),
            radius: radius as f32,
            phase: (quarters(phase.0) as f32, quarters(phase.1) as f32),
        };
        let mask = Arc::new(GlyphMask::draw(font.as_ref()?, id, pen));
        self.glyph_bytes += mask.bytes();
        if self.glyph_bytes > GLYPH_BYTES {
            self.glyphs.clear();
            self.glyph_bytes = mask.bytes();
        }
        self.glyphs.insert(key, Arc::clone(&mask));
        (!mask.fill.is_empty()).then_some(mask)
    }

    fn frame_around(
        &self,
        comment: &PlacedComment,
        x: i32,
        y: i32,
        color: Rgba,
        canvas: &mut impl Canvas,
    ) {
        let area = self.box_area(comment).shifted(x, y);
        let (scale_x, scale_y) = self.viewport.scale();
        let (across, down) = (
            whole(OUTLINE * scale_x).max(1),
            whole(OUTLINE * scale_y).max(1),
        );
        let inner = (
            area.top.saturating_add(down),
            area.bottom.saturating_sub(down),
        );
        for side in [
            Area {
                bottom: inner.0,
                ..area
            },
            Area {
                top: inner.1,
                ..area
            },
            Area {
                top: inner.0,
                bottom: inner.1,
                right: area.left.saturating_add(across),
                ..area
            },
            Area {
                top: inner.0,
                bottom: inner.1,
                left: area.right.saturating_sub(across),
                ..area
            },
        ] {
            canvas.rectangle(side, color);
        }
    }
}

/// What makes two comments look alike but for their colours.
#[derive(PartialEq, Eq, Hash)]
struct Content<'a> {
    text: &'a str,
    font: Font,
    sizes: [u64; 2], // bits of character size and line height
    outline_alpha: u8,
    opacity: u8,
    lowered: bool,
}

impl<'a> Content<'a> {
    fn of(comment: &'a PlacedComment) -> Self {
        Self {
            text: &comment.text,
            font: comment.font,
            sizes: [comment.char_size.to_bits(), comment.line_height.to_bits()],
            outline_alpha: comment.outline.alpha,
            opacity: byte(comment.opacity),
            lowered: comment.is_lowered(),
        }
    }
}

fn faded(color: Rgba, comment: &PlacedComment) -> Rgba {
    Rgba::new(
        color.color,
        super::sprite::mul(color.alpha, byte(comment.opacity)),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte's values"
)]
fn byte(opacity: f64) -> u8 {
    (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// A coordinate as whole pixels and quarters of one.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn split(at: f64) -> (i32, i32) {
    let steps = (at * f64::from(PHASES)).round() as i32;
    (steps.div_euclid(PHASES), steps.rem_euclid(PHASES))
}

fn quarters(phase: i32) -> f64 {
    f64::from(phase) / f64::from(PHASES)
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn whole(length: f64) -> i32 {
    length.round() as i32
}

fn near(at: f64, margin: f64, low: i32, high: i32) -> bool {
    at + margin > f64::from(low) && at - margin < f64::from(high)
}
