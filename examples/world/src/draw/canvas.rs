//! A picture on which tiny-skia fills outlines.

use tiny_skia::{Color, FillRule, PathBuilder, Pixmap, PixmapMut, Point, Rect, Transform};

use super::map::Map;
use super::paint::Paint;

/// A picture being drawn, or only measured. Its pixels are opaque.
#[derive(Debug)]
pub(crate) struct Canvas {
    pixmap: Option<Pixmap>,
    width: f32,
    height: f32,
    clip: Rect,
    drawn: Option<Rect>,
    outline: PathBuilder, // kept between fills
}

impl Canvas {
    /// A canvas on `pixmap`.
    pub(crate) fn on(pixmap: Pixmap) -> Self {
        Self {
            clip: rectangle(as_f32(pixmap.width()), as_f32(pixmap.height())),
            width: as_f32(pixmap.width()),
            height: as_f32(pixmap.height()),
            pixmap: Some(pixmap),
            drawn: None,
            outline: PathBuilder::new(),
        }
    }

    /// A black canvas.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let mut pixmap = Pixmap::new(width, height).expect("pictures have pixels");
        pixmap.fill(Color::BLACK);
        Self::on(pixmap)
    }

    /// A canvas without pixels: drawing on it only moves the edges of [`Canvas::take_drawn`].
    pub(crate) fn measuring(width: u32, height: u32) -> Self {
        Self {
            pixmap: None,
            width: as_f32(width),
            height: as_f32(height),
            clip: rectangle(as_f32(width), as_f32(height)),
            drawn: None,
            outline: PathBuilder::new(),
        }
    }

    /// The picture.
    ///
    /// # Panics
    ///
    /// Panics if it was only measured.
    pub(crate) fn into_pixmap(self) -> Pixmap {
        self.pixmap.expect("what is only measured is not looked at")
    }

    /// Draws only above a height of `bottom` from now on.
    pub(crate) fn set_bottom(&mut self, bottom: f32) {
        // A height that was scaled may be rounded to a trace below the picture.
        self.clip = rectangle(self.width, bottom.min(self.height));
    }

    /// The rectangle that was drawn in since the last call, within the picture.
    pub(crate) fn take_drawn(&mut self) -> Option<Rect> {
        self.drawn.take()
    }

    /// Fills polylines in pixel coordinates, closed by themselves; `map` leads to the paint.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a height of the picture"
    )]
    pub(super) fn fill(&mut self, contours: &[Vec<Point>], paint: Paint, map: &Map) {
        let mut outline = std::mem::take(&mut self.outline);
        for contour in contours {
            for (i, point) in contour.iter().enumerate() {
                match i {
                    0 => outline.move_to(point.x, point.y),
                    _ => outline.line_to(point.x, point.y),
                }
            }
        }
        let Some(outline) = outline.finish() else {
            return;
        };
        let seen = outline.bounds().intersect(&self.clip);
        if let Some(seen) = seen.filter(|seen| !seen.is_empty()) {
            let all = self.drawn.and_then(|drawn| drawn.join(&seen));
            self.drawn = all.or(Some(seen));
            if let Some(pixmap) = &mut self.pixmap {
                let (width, rows) = (pixmap.width(), self.clip.bottom().ceil() as u32);
                let bytes = &mut pixmap.data_mut()[..row_bytes(width) * rows as usize];
                if let Some(mut above) = PixmapMut::from_bytes(bytes, width, rows) {
                    let (paint, identity) = (paint.mapped(map), Transform::identity());
                    above.fill_path(&outline, &paint, FillRule::Winding, identity, None);
                }
            }
        }
        self.outline = outline.clear();
    }
}

fn row_bytes(width: u32) -> usize {
    width as usize * tiny_skia::BYTES_PER_PIXEL
}

/// From the picture's corner.
fn rectangle(width: f32, height: f32) -> Rect {
    Rect::from_xywh(0.0, 0.0, width, height).expect("pictures have a size")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "pictures are far smaller than 2^24 pixels wide"
)]
fn as_f32(value: u32) -> f32 {
    value as f32
}
