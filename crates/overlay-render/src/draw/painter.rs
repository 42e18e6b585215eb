use super::alpha::{byte, low_byte, mul};
use super::area::Area;
use super::canvas::Canvas;
use super::outline::OutlineStyle;
use super::sprites::{OUTLINE, Sprites};
use super::subpixel::{Grid, split};
use crate::place::{DrawItem, Layout, PlacedComment};
use crate::rgba::Rgba;
use crate::viewport::Viewport;

/// Comments with a larger box, in pixels, are drawn only where they are seen.
const WHOLE_PIXELS: usize = 4 << 20;

/// Paints the comments of a layout, moment by moment.
pub(super) struct Painter<'a> {
    layout: &'a Layout,
    viewport: Viewport,
    sprites: Option<Sprites<'a>>,
    list: Vec<DrawItem>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(layout: &'a Layout, viewport: Viewport, style: OutlineStyle) -> Self {
        Self {
            layout,
            viewport,
            sprites: Sprites::new(layout, viewport, style),
            list: Vec::new(),
        }
    }

    /// Looks up what is on the stage at `t` centiseconds, and returns how many comments that are.
    pub(super) fn look(&mut self, t: f64) -> usize {
        self.layout.draw_list_into(t, &mut self.list);
        self.list.len()
    }

    /// Paints what the last [`look`](Self::look) found.
    pub(super) fn paint(&mut self, canvas: &mut impl Canvas) {
        let list = std::mem::take(&mut self.list);
        for item in &list {
            self.comment(item, canvas);
        }
        self.list = list;
    }

    fn comment(&mut self, item: &DrawItem, canvas: &mut impl Canvas) {
        let comment = &self.layout.comments()[item.index];
        let (x, y) = self.viewport.place(comment, item.x, item.y);
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
        if let Some(sprites) = &mut self.sprites {
            let sprite = sprites.sprite(item.index, (sub_x, sub_y), window);
            let fill = Rgba::new(comment.color, 255);
            canvas.sprite(&sprite, x, y, fill, comment.outline);
        }
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
        let across = whole(OUTLINE * scale_x).max(1);
        let down = whole(OUTLINE * scale_y).max(1);
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
