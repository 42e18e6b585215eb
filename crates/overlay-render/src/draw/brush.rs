use std::sync::Arc;

use super::alpha::{byte, low_byte, mul};
use super::area::Area;
use super::canvas::Canvas;
use super::outline::OutlineStyle;
use super::sprite::Sprite;
use super::sprites::Sprites;
use super::subpixel::{Grid, Subpixel, split};
use crate::place::PlacedComment;
use crate::rgba::Rgba;
use crate::text::Fonts;
use crate::viewport::Viewport;

/// Width of the line of a frame (`nico:waku`), in stage pixels.
const FRAME: f64 = 2.8;
/// Comments with a larger box, in pixels, are drawn only where they are seen.
const WHOLE_PIXELS: usize = 4 << 20;

/// Where on a picture a comment is painted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// The corner of its box, in whole pixels.
    pub(super) x: i32,
    pub(super) y: i32,
    /// Where between pixels it stands.
    pub(super) subpixel: (Subpixel, Subpixel),
    /// The part that is seen of a very large comment, from its corner; others are drawn whole.
    pub(super) window: Option<Area>,
}

/// What is painted of a comment, from back to front, counted from the corner of its box.
pub(super) struct Layers {
    back: Option<(Area, Rgba)>,
    pub(super) sprite: Arc<Sprite>,
    pub(super) fill: Rgba,
    pub(super) outline: Rgba,
    frame: Option<([Area; 4], Rgba)>,
}

impl Layers {
    /// Paints them with the corner at `x`, `y`.
    pub(super) fn paint(&self, (x, y): (i32, i32), canvas: &mut impl Canvas) {
        if let Some((area, color)) = self.back {
            canvas.rectangle(area.shifted(x, y), color);
        }
        canvas.sprite(&self.sprite, x, y, self.fill, self.outline);
        if let Some((sides, color)) = self.frame {
            for side in sides {
                canvas.rectangle(side.shifted(x, y), color);
            }
        }
    }

    /// The smallest area that holds them.
    pub(super) fn area(&self) -> Area {
        let boxes = self.back.iter().map(|(area, _)| *area);
        let sides = self.frame.iter().flat_map(|(sides, _)| *sides);
        let picture = self.sprite.picture.iter().map(|picture| picture.area);
        let areas = boxes
            .chain(sides)
            .chain(picture)
            .filter(|area| !area.is_empty());
        areas.fold(self.sprite.luma.area, |all, area| match all.is_empty() {
            true => area,
            false => all.union(area),
        })
    }

    /// Whether there is nothing but letters in the comment's own colours.
    pub(super) fn is_plain(&self) -> bool {
        self.back.is_none() && self.frame.is_none() && self.sprite.picture.is_none()
    }
}

/// Paints one comment after the other, and keeps how they are drawn.
pub(super) struct Brush<'a> {
    viewport: Viewport,
    sprites: Sprites<'a>,
}

impl<'a> Brush<'a> {
    /// Keeps how comments are drawn in so many bytes of memory.
    pub(super) fn new(
        fonts: &'a Fonts,
        viewport: Viewport,
        style: OutlineStyle,
        bytes: usize,
    ) -> Self {
        Self {
            viewport,
            sprites: Sprites::new(fonts, viewport, style, bytes),
        }
    }

    pub(super) fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// Paints a comment whose box has its left and top edge there, in stage pixels. Comments that
    /// look alike have one number as their `content`.
    pub(super) fn comment(
        &mut self,
        comment: &PlacedComment,
        content: u32,
        at: (f64, f64),
        canvas: &mut impl Canvas,
    ) {
        let spot = self.spot(comment, at);
        self.layers(comment, content, &spot)
            .paint((spot.x, spot.y), canvas);
    }

    /// Paints a comment on a picture of its own, so many pixels from its edges. How it is drawn is not
    /// kept: it is not asked for again.
    pub(super) fn alone(&mut self, comment: &PlacedComment, margin: u32, canvas: &mut impl Canvas) {
        let at = f64::from(margin);
        let spot = self.spot_at_pixel(comment, (at, at));
        let sprite = self.sprites.draw(comment, spot.subpixel, spot.window);
        self.layers_with(comment, Arc::new(sprite), &spot)
            .paint((spot.x, spot.y), canvas);
    }

    /// Where on the picture a comment is painted whose box has its left and top edge there, in stage
    /// pixels.
    pub(super) fn spot(&self, comment: &PlacedComment, at: (f64, f64)) -> Spot {
        self.spot_at_pixel(comment, self.viewport.place(comment, at.0, at.1))
    }

    fn spot_at_pixel(&self, comment: &PlacedComment, (x, y): (f64, f64)) -> Spot {
        let across = Grid::of_speed(self.viewport.speed(comment) * 100.0);
        let ((x, sub_x), (y, sub_y)) = (split(x, across), split(y, Grid::Quarters));
        Spot {
            x,
            y,
            subpixel: (sub_x, sub_y),
            window: self.window(self.box_area(comment).shifted(x, y)),
        }
    }

    /// What is painted of a comment, counted from its corner.
    pub(super) fn layers(&mut self, comment: &PlacedComment, content: u32, spot: &Spot) -> Layers {
        let sprite = self
            .sprites
            .sprite(comment, content, spot.subpixel, spot.window);
        self.layers_with(comment, sprite, spot)
    }

    fn layers_with(&self, comment: &PlacedComment, sprite: Arc<Sprite>, spot: &Spot) -> Layers {
        let area = self.box_area(comment);
        let width = i32::try_from(self.viewport.width()).unwrap_or(i32::MAX);
        let back = comment.fill_box.map(|color| {
            let across = Area {
                left: 0,
                right: width,
                ..area
            };
            let area = match comment.banner {
                true => across.shifted(spot.x.saturating_neg(), 0),
                false => area,
            };
            (area, faded(color, comment))
        });
        let frame = comment
            .frame
            .map(|color| (self.frame(area), faded(color, comment)));
        Layers {
            back,
            sprite,
            fill: Rgba::new(comment.color, 255),
            outline: comment.outline,
            frame,
        }
    }

    /// The part of a very large comment that is seen, from its corner; `None` for others, which are
    /// drawn whole.
    fn window(&self, area: Area) -> Option<Area> {
        if area.width().saturating_mul(area.height()) <= WHOLE_PIXELS {
            return None;
        }
        let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let picture = Area::of_size(side(self.viewport.width()), side(self.viewport.height()));
        Some(picture.shifted(area.left.saturating_neg(), area.top.saturating_neg()))
    }

    /// The comment's box from its corner.
    fn box_area(&self, comment: &PlacedComment) -> Area {
        let (scale_x, scale_y) = self.viewport.scale();
        Area::of_size(
            whole(comment.width * scale_x),
            whole(comment.height * scale_y),
        )
    }

    /// The sides of a frame just inside a box: above, below, left and right.
    fn frame(&self, area: Area) -> [Area; 4] {
        let (scale_x, scale_y) = self.viewport.scale();
        let across = whole(FRAME * scale_x).max(1);
        let down = whole(FRAME * scale_y).max(1);
        let (top, bottom) = (
            area.top.saturating_add(down),
            area.bottom.saturating_sub(down),
        );
        let between = Area {
            top,
            bottom,
            ..area
        };
        [
            Area {
                bottom: top,
                ..area
            },
            Area {
                top: bottom,
                ..area
            },
            Area {
                right: area.left.saturating_add(across),
                ..between
            },
            Area {
                left: area.right.saturating_sub(across),
                ..between
            },
        ]
    }
}

fn faded(color: Rgba, comment: &PlacedComment) -> Rgba {
    let alpha = mul(u16::from(color.alpha), u16::from(byte(comment.opacity)));
    Rgba::new(color.color, low_byte(alpha))
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn whole(length: f64) -> i32 {
    length.round() as i32
}
