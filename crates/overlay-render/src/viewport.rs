use std::ops::RangeInclusive;

use nico_comments::Position;

use crate::error::Error;
use crate::limits::MAX_SIDE;
use crate::place::{Layout, PlacedComment, STAGE_HEIGHT, STAGE_WIDTH};

/// The part of the stage that is always shown: the player's old area of 4:3, in stage pixels.
const NARROWEST: f64 = 1440.0;

/// Shapes of pixels that pictures have: how many times as wide as high they are.
pub(crate) const ASPECTS: RangeInclusive<f64> = 0.05..=20.0;

/// How the stage is seen in a picture of some size.
///
/// A picture of the stage's shape, 16:9, shows it all. A narrower one shows its middle, as the
/// player does when its bars are cut off; at 4:3 fixed comments without `full` just fit. Narrower
/// still, as on a telephone held upright, comments get smaller so that they go on to fit, from the
/// top down or from the bottom up. On a picture wider than 16:9 letters keep their shape, fixed
/// comments stand in the middle and scrolling ones cross the whole width.
///
/// ```
/// use overlay_render::Viewport;
///
/// let hd = Viewport::new(1280, 720)?;
/// assert_eq!((hd.width(), hd.height()), (1280, 720));
/// assert!(Viewport::new(0, 720).is_err());
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    width: u32,
    height: u32,
    scale: (f64, f64), // pixels of the picture in one of the stage
}

impl Viewport {
    /// A picture with square pixels.
    ///
    /// # Errors
    ///
    /// [`Error::PictureSize`] if a side is 0 or longer than [`MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Result<Self, Error> {
        Self::with_pixel_aspect(width, height, 1.0)
    }

    /// A picture whose pixels are `aspect` times as wide as high when it is shown.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Error::OutOfRange`] if `aspect` is not 1/20 to 20.
    pub fn with_pixel_aspect(width: u32, height: u32, aspect: f64) -> Result<Self, Error> {
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(Error::PictureSize { width, height });
        }
        if !ASPECTS.contains(&aspect) {
            return Err(Error::OutOfRange {
                what: "the shape of pixels",
                found: aspect,
                expected: "1/20 to 20 times as wide as high",
            });
        }
        let across = f64::from(width) * aspect / NARROWEST;
        let scale = across.min(f64::from(height) / STAGE_HEIGHT);
        Ok(Self {
            width,
            height,
            scale: (scale / aspect, scale),
        })
    }

    /// Width of the picture, in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the picture, in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// How many comments of a layout are cut off at the sides of the picture: fixed ones that are
    /// wider than what a picture narrower than 16:9 shows of the stage, as those with `full` can be.
    ///
    /// ```
    /// use nico_comments::{Comment, Vpos};
    /// use overlay_render::{Fonts, LayoutOptions, Viewport, layout};
    ///
    /// let wide = [Comment::new(Vpos(0), "草".repeat(21)).mail("ue full")];
    /// let placed = layout(&wide, &Fonts::estimated(), &LayoutOptions::default());
    /// assert_eq!(Viewport::new(640, 480)?.num_cut_off(&placed), 1);
    /// assert_eq!(Viewport::new(854, 480)?.num_cut_off(&placed), 0);
    /// # Ok::<(), overlay_render::Error>(())
    /// ```
    #[must_use]
    pub fn num_cut_off(&self, layout: &Layout) -> usize {
        let shown = f64::from(self.width) / self.scale.0;
        let fixed = layout.comments().iter().filter(|comment| {
            comment.is_drawn() && comment.position != Position::Naka && comment.width > shown + 1.0
        });
        if shown + 1.0 < STAGE_WIDTH {
            fixed.count()
        } else {
            0 // the stage itself is no wider
        }
    }

    /// Pixels of the picture in one of the stage, horizontally and vertically.
    pub(crate) fn scale(&self) -> (f64, f64) {
        self.scale
    }

    /// Whether a comment crosses a picture that is wider than the stage.
    fn is_crossed(&self, comment: &PlacedComment) -> bool {
        f64::from(self.width) > STAGE_WIDTH * self.scale.0 && comment.position == Position::Naka
    }

    /// Pixels of the picture that a comment moves to the left in a centisecond.
    pub(crate) fn speed(&self, comment: &PlacedComment) -> f64 {
        let factor = if self.is_crossed(comment) {
            let way = f64::from(self.width) + comment.width * self.scale.0;
            way / (STAGE_WIDTH + comment.width)
        } else {
            self.scale.0
        };
        comment.speed() * factor
    }

    /// Where a box of the stage lies in the picture: its left and top edge, in pixels.
    pub(crate) fn place(&self, comment: &PlacedComment, x: f64, y: f64) -> (f64, f64) {
        let width = f64::from(self.width);
        let shown = STAGE_WIDTH * self.scale.0;
        let left = if self.is_crossed(comment) {
            // Entering and leaving at the picture's own edges.
            let way = (STAGE_WIDTH - x) / (STAGE_WIDTH + comment.width);
            width - way * (width + comment.width * self.scale.0)
        } else {
            x * self.scale.0 + (width - shown) / 2.0
        };
        let below = match comment.position {
            Position::Shita => f64::from(self.height) - STAGE_HEIGHT * self.scale.1,
            Position::Naka | Position::Ue => 0.0,
        };
        (left, y * self.scale.1 + below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_high_as_the_picture_asks_for() {
        let scale = |width, height| Viewport::new(width, height).expect("a good size").scale();
        assert_eq!(scale(1920, 1080), (1.0, 1.0));
        assert_eq!(scale(1440, 1080), (1.0, 1.0));
        assert_eq!(scale(720, 1280), (0.5, 0.5));
        assert_eq!(scale(2560, 1080), (1.0, 1.0));
        let wide = Viewport::with_pixel_aspect(960, 1080, 2.0).expect("a good size");
        assert_eq!(wide.scale(), (0.5, 1.0));
        for aspect in [0.0, -1.0, 30.0, f64::NAN] {
            assert!(Viewport::with_pixel_aspect(960, 1080, aspect).is_err());
        }
    }
}
