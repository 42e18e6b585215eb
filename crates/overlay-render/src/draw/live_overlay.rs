use std::fmt;

use image::RgbaImage;
use pulp::Arch;

use super::brush::Brush;
use super::canvas::Canvas;
use super::encoding::Encoding;
use super::image_canvas::ImageCanvas;
use super::outline::OutlineStyle;
use super::planes::{Planes, Yuv420p};
use super::rgba_canvas::{RgbaCanvas, RgbaPixels};
use super::yuv_canvas::YuvCanvas;
use super::yuv_colors::YuvColors;
use crate::limits::MAX_SIDE;
use crate::place::{LiveStage, PlacedComment};
use crate::text::Fonts;
use crate::viewport::Viewport;

/// Memory for sprites, in bytes: comments of a live picture seldom come again.
const BYTES: usize = 48 << 20;
/// Room around a comment's box for its outline and for glyphs that reach beyond it, in pixels.
const MARGIN: u32 = 16;
/// Greatest height of the picture of one comment, in pixels, and most pixels of it; what is more is
/// cut off. The longest comment of the site, 75 full-width characters in `big`, is 8,225 wide.
const MOST_HEIGHT: u32 = 1_200;
const MOST_PIXELS: u32 = 8_192 * MOST_HEIGHT;

/// Paints the comments of a [`LiveStage`] on pictures in memory, and makes pictures of single
/// comments. It keeps drawn glyphs and comments, up to some 110 MB.
pub struct LiveOverlay<'f> {
    brush: Brush<'f>,
    arch: Arch,
}

/// The picture of one comment. Made by [`LiveOverlay::picture`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CommentPicture {
    /// Its pixels, transparent around the letters (straight alpha).
    pub image: RgbaImage,
    /// Pixels from the picture's left edge to that of the comment's box.
    pub left: u32,
    /// Pixels from the picture's top edge to that of the comment's box.
    pub top: u32,
}

impl<'f> LiveOverlay<'f> {
    /// Makes ready to paint on pictures of the viewport's size, with the fonts of the stage.
    #[must_use]
    pub fn new(fonts: &'f Fonts, viewport: Viewport) -> Self {
        Self {
            brush: Brush::new(fonts, viewport, OutlineStyle::default(), BYTES),
            arch: Arch::new(),
        }
    }

    /// Sets how letters are outlined, with the same fonts. What was drawn so far is forgotten.
    #[must_use]
    pub fn outline(self, fonts: &'f Fonts, style: OutlineStyle) -> Self {
        let viewport = self.brush.viewport();
        Self {
            brush: Brush::new(fonts, viewport, style, BYTES),
            ..self
        }
    }

    /// Paints what is on the stage at `t` centiseconds over a picture, and returns how many comments
    /// those were.
    ///
    /// # Panics
    ///
    /// Panics if a plane is smaller than the viewport asks for.
    pub fn paint_yuv420p(
        &mut self,
        stage: &LiveStage<'_>,
        t: f64,
        picture: &mut Yuv420p<'_>,
        colors: YuvColors,
    ) -> usize {
        picture.check(self.brush.viewport());
        self.paint(stage, t, picture, colors.into())
    }

    /// Paints what is on the stage at `t` centiseconds over pixels with an opacity, and returns how
    /// many comments those were. On pixels that are all 0 they are a transparent picture.
    ///
    /// # Panics
    ///
    /// Panics if there are fewer pixels than the viewport asks for.
    pub fn paint_rgba(
        &mut self,
        stage: &LiveStage<'_>,
        t: f64,
        picture: &mut RgbaPixels<'_>,
    ) -> usize {
        let viewport = self.brush.viewport();
        picture.check(viewport);
        self.paint_on(stage, t, &mut RgbaCanvas::new(picture, viewport))
    }

    /// As [`paint_yuv420p`](Self::paint_yuv420p), on planes that are large enough.
    pub(crate) fn paint(
        &mut self,
        stage: &LiveStage<'_>,
        t: f64,
        planes: &mut impl Planes,
        encoding: Encoding,
    ) -> usize {
        let mut canvas = YuvCanvas::new(planes, self.brush.viewport(), encoding, self.arch);
        self.paint_on(stage, t, &mut canvas)
    }

    fn paint_on(&mut self, stage: &LiveStage<'_>, t: f64, canvas: &mut impl Canvas) -> usize {
        let mut painted = 0;
        for (comment, at) in stage.on_screen(t) {
            self.brush.comment(comment, content(comment), at, canvas);
            painted += 1;
        }
        painted
    }

    /// A transparent picture of one comment, as large as in a picture of the viewport's size. Of a
    /// very large one the left upper part.
    #[must_use]
    pub fn picture(&mut self, comment: &PlacedComment) -> CommentPicture {
        let (scale_x, scale_y) = self.brush.viewport().scale();
        let side = |length: f64, most: u32| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` saturates"
            )]
            let length = length.ceil() as u32;
            length.saturating_add(2 * MARGIN).min(most)
        };
        let height = side(comment.height * scale_y, MOST_HEIGHT);
        let width = side(comment.width * scale_x, MAX_SIDE.min(MOST_PIXELS / height));
        let mut canvas = ImageCanvas::of_size(width, height);
        self.brush.alone(comment, MARGIN, &mut canvas);
        CommentPicture {
            image: canvas.into_image(),
            left: MARGIN,
            top: MARGIN,
        }
    }
}

/// Each comment is drawn by itself.
fn content(comment: &PlacedComment) -> u32 {
    u32::try_from(comment.index as u64 & u64::from(u32::MAX)).unwrap_or(0)
}

impl fmt::Debug for LiveOverlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOverlay")
            .field("viewport", &self.brush.viewport())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::{LayoutOptions, Overlay, layout};

    fn fonts() -> Fonts {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
        Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")]).unwrap()
    }

    /// A picture of the stage equals that of the layout of the same comments with the same times, as
    /// long as no fixed comment lies over a scrolling one: which of them is above differs.
    #[test]
    fn a_live_stage_looks_like_a_layout() {
        let fonts = fonts();
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        let mut comments = Vec::new();
        for (number, now) in [100, 130, 160, 200].into_iter().enumerate() {
            let mail = ["", "red", "shita big", "small"][number];
            let comment = Comment::new(Vpos(0), "こんにちは").mail(mail);
            let placed = stage.show(&comment, now).unwrap();
            let mut at_its_time = comment;
            at_its_time.vpos = placed.vpos;
            comments.push(at_its_time);
        }
        let viewport = Viewport::new(640, 360).unwrap();
        let placed = layout(&comments, &fonts, &LayoutOptions::default());
        let plain = || {
            (
                vec![90; 640 * 360],
                vec![128; 320 * 180],
                vec![128; 320 * 180],
            )
        };
        let paint = |paint: &mut dyn FnMut(&mut Yuv420p<'_>)| {
            let (mut y, mut u, mut v) = plain();
            let mut picture = Yuv420p {
                planes: [&mut y, &mut u, &mut v],
                strides: [640, 320, 320],
            };
            paint(&mut picture);
            (y, u, v)
        };
        let colors = YuvColors::default();
        let (mut of_layout, mut live) = (
            Overlay::new(&placed, viewport),
            LiveOverlay::new(&fonts, viewport),
        );
        let whole = paint(&mut |picture| {
            of_layout.paint_yuv420p(250.0, picture, colors);
        });
        let painted = paint(&mut |picture| {
            assert_eq!(live.paint_yuv420p(&stage, 250.0, picture, colors), 4);
        });
        assert!(whole == painted && whole != plain());
        let (mut of_layout_rgba, mut live_rgba) =
            (vec![90; 640 * 360 * 4], vec![90; 640 * 360 * 4]);
        let mut picture = RgbaPixels::new(&mut of_layout_rgba, 640 * 4);
        assert_eq!(of_layout.paint_rgba(250.0, &mut picture), 4);
        let mut picture = RgbaPixels::new(&mut live_rgba, 640 * 4);
        assert_eq!(live.paint_rgba(&stage, 250.0, &mut picture), 4);
        assert!(of_layout_rgba == live_rgba && live_rgba.iter().any(|&byte| byte != 90));
    }

    #[test]
    fn the_longest_comment_of_the_site_is_whole() {
        let fonts = fonts();
        let comment = Comment::new(Vpos(0), "あ".repeat(75)).mail("big");
        let placed = layout(&[comment], &fonts, &LayoutOptions::default());
        let viewport = Viewport::new(1920, 1080).unwrap();
        let one = LiveOverlay::new(&fonts, viewport).picture(&placed.comments()[0]);
        let inked = one
            .image
            .enumerate_pixels()
            .filter(|(.., pixel)| pixel.0[3] > 0);
        let last = inked.map(|(column, ..)| column).max();
        assert!(last > Some(8_200), "{last:?} of {}", one.image.width());
    }

    /// The letters of a comment's own picture are those that a picture of the stage has there.
    #[test]
    fn a_comments_picture_is_the_stages_part() {
        let fonts = fonts();
        let comment = Comment::new(Vpos(0), "8888").mail("ue red");
        let placed = layout(&[comment], &fonts, &LayoutOptions::default());
        let viewport = Viewport::new(1920, 1080).unwrap();
        let whole = Overlay::new(&placed, viewport).picture(100.0);
        let one = LiveOverlay::new(&fonts, viewport).picture(&placed.comments()[0]);
        let (x, y) = placed.position_at(0, 100.0).unwrap();
        // Only what lies between pixels may differ.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both are on the stage"
        )]
        let (x, y) = (x.round() as u32, y.round() as u32);
        let mut differing = 0;
        let mut opaque = 0;
        for (column, row, pixel) in one.image.enumerate_pixels() {
            let Some(top) = (y + row).checked_sub(one.top) else {
                continue;
            };
            let there = whole.get_pixel(x + column - one.left, top);
            opaque += u32::from(pixel.0[3] > 0);
            differing += u32::from(there.0[3].abs_diff(pixel.0[3]) > 96);
        }
        assert!(
            opaque > 1_000 && differing * 20 < opaque,
            "{differing} of {opaque}"
        );
    }
}
