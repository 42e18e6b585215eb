use std::fmt;

use image::RgbaImage;
use pulp::Arch;

use super::encoding::Encoding;
use super::image_canvas::ImageCanvas;
use super::outline::OutlineStyle;
use super::painter::Painter;
use super::planes::{Planes, Yuv420p};
use super::rgba_canvas::{RgbaCanvas, RgbaPixels};
use super::yuv_canvas::YuvCanvas;
use super::yuv_colors::YuvColors;
use crate::error::Error;
use crate::place::Layout;
use crate::viewport::Viewport;

/// Paints a layout's comments on pictures in memory, for programs that have their own frames.
///
/// It keeps drawn glyphs and comments from one moment to the next, so build it once for a video and
/// for each thread that paints.
///
/// ```
/// use overlay_render::{Layout, Overlay, Viewport, Yuv420p, YuvColors};
///
/// let layout = Layout::default();
/// let mut overlay = Overlay::new(&layout, Viewport::new(64, 36)?);
/// let (mut y, mut u, mut v) = (vec![16; 64 * 36], vec![128; 32 * 18], vec![128; 32 * 18]);
/// let mut picture = Yuv420p { planes: [&mut y, &mut u, &mut v], strides: [64, 32, 32] };
/// let painted = overlay.paint_yuv420p(250.0, &mut picture, YuvColors::default());
/// assert_eq!(painted, 0); // no comment, nothing painted
/// # Ok::<(), overlay_render::Error>(())
/// ```
pub struct Overlay<'a> {
    painter: Painter<'a>,
    viewport: Viewport,
    layout: &'a Layout,
    arch: Arch,
}

impl fmt::Debug for Overlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("viewport", &self.viewport)
            .finish_non_exhaustive()
    }
}

impl<'a> Overlay<'a> {
    /// Makes ready to paint `layout` on pictures of the viewport's size.
    #[must_use]
    pub fn new(layout: &'a Layout, viewport: Viewport) -> Self {
        Self {
            painter: Painter::new(layout, viewport, OutlineStyle::default()),
            viewport,
            layout,
            arch: Arch::new(),
        }
    }

    /// Sets how letters are outlined. What was drawn so far is forgotten.
    #[must_use]
    pub fn outline(self, style: OutlineStyle) -> Self {
        Self {
            painter: Painter::new(self.layout, self.viewport, style),
            ..self
        }
    }

    /// Paints the comments at `t` centiseconds over a picture, and returns how many those were.
    ///
    /// # Panics
    ///
    /// Panics if a plane is smaller than the viewport asks for.
    pub fn paint_yuv420p(&mut self, t: f64, picture: &mut Yuv420p<'_>, colors: YuvColors) -> usize {
        picture.check(self.viewport);
        let shown = self.look(t);
        self.paint(picture, colors.into());
        shown
    }

    /// Paints the comments at `t` centiseconds over pixels with an opacity, and returns how many
    /// those were. On pixels that are all 0 they are a transparent picture.
    ///
    /// # Panics
    ///
    /// Panics if there are fewer pixels than the viewport asks for.
    pub fn paint_rgba(&mut self, t: f64, picture: &mut RgbaPixels<'_>) -> usize {
        picture.check(self.viewport);
        let shown = self.look(t);
        self.painter
            .paint(&mut RgbaCanvas::new(picture, self.viewport));
        shown
    }

    /// The comments at `t` centiseconds on a transparent picture (straight alpha).
    #[must_use]
    pub fn picture(&mut self, t: f64) -> RgbaImage {
        let mut canvas = ImageCanvas::new(self.viewport);
        self.painter.look(t);
        self.painter.paint(&mut canvas);
        canvas.into_image()
    }

    /// How many comments there are at `t`, for [`paint`](Self::paint).
    pub(crate) fn look(&mut self, t: f64) -> usize {
        self.painter.look(t)
    }

    /// Paints what the last look found, on planes that are large enough.
    pub(crate) fn paint(&mut self, planes: &mut impl Planes, encoding: Encoding) {
        let mut canvas = YuvCanvas::new(planes, self.viewport, encoding, self.arch);
        self.painter.paint(&mut canvas);
    }
}

/// Draws the comments at `t` centiseconds on a transparent picture (straight alpha).
///
/// For a single picture; [`Overlay`] draws many.
///
/// ```
/// use overlay_render::{Layout, draw_stage};
///
/// let picture = draw_stage(&Layout::default(), 100.0, 64, 36)?;
/// assert!(picture.pixels().all(|pixel| pixel.0[3] == 0));
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::PictureSize`] if a side is 0 or longer than [`MAX_SIDE`](crate::MAX_SIDE).
pub fn draw_stage(layout: &Layout, t: f64, width: u32, height: u32) -> Result<RgbaImage, Error> {
    Ok(Overlay::new(layout, Viewport::new(width, height)?).picture(t))
}
