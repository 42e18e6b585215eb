use super::alpha::{byte, low_byte, mul};
use super::area::Area;
use super::canvas::Canvas;
use super::outline::OutlineStyle;
use super::sprites::Sprites;
use super::subpixel::{Grid, split};
use crate::place::PlacedComment;
use crate::rgba::Rgba;
use crate::text::Fonts;
use crate::viewport::Viewport;

/// Width of the line of a frame (`nico:waku`), in stage pixels.
const FRAME: f64 = 2.8;
/// Comments with a larger box, in pixels, are drawn only where they are seen.
const WHOLE_PIXELS: usize = 4 << 20;

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
        let at = self.viewport.place(comment, at.0, at.1);
        self.at_pixel(comment, content, at, canvas);
    }

    /// Paints a comment on a picture of its own, so many pixels from its edges.
    pub(super) fn alone(
        &mut self,
        comment: &PlacedComment,
        content: u32,
        margin: u32,
        canvas: &mut impl Canvas,
    ) {
        let at = f64::from(margin);
        self.at_pixel(comment, content, (at, at), canvas);
    }

    fn at_pixel(
        &mut self,
        comment: &PlacedComment,
        content: u32,
        (x, y): (f64, f64),
        canvas: &mut impl Canvas,
    ) {
        let across = Grid::of_speed(self.viewport.speed(comment) * 100.0);
        let ((x, sub_x), (y, sub_y)) = (split(x, across), split(y, Grid::Quarters));
        let area = self.box_area(comment).shifted(x, y);
        if let Some(color) = comment.fill_box {
            let across = Area {
                left: 0,
                right: i32::try_from(self.viewport.width()).unwrap_or(i32::MAX),
                ..area
            };
            let area = if comment.banner { across } else { area };
            canvas.rectangle(area, faded(color, comment));
        }
        let window = self.window(area);
        let subpixel = (sub_x, sub_y);
        let sprite = self.sprites.sprite(comment, content, subpixel, window);
        let fill = Rgba::new(comment.color, 255);
        canvas.sprite(&sprite, x, y, fill, comment.outline);
        if let Some(color) = comment.frame {
            for side in self.frame(area) {
                canvas.rectangle(side, faded(color, comment));
            }
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
