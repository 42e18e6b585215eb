//! Painting straight onto pixels of red, green, blue and opacity.

use super::area::Area;
use super::blocks::Blocks;
use super::canvas::Canvas;
use super::sprite::Sprite;
use super::sprite_picture::SpritePicture;
use crate::rgba::Rgba;
use crate::viewport::Viewport;

/// In which order a pixel's bytes stand.
///
/// ```
/// assert_eq!(overlay_render::ChannelOrder::default(), overlay_render::ChannelOrder::Rgba);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelOrder {
    /// Red, green, blue, opacity.
    #[default]
    Rgba,
    /// Blue, green, red, opacity, as windows and many cards have it.
    Bgra,
}

/// A picture of four bytes a pixel, one of them its opacity, which the colours are not multiplied
/// with (straight alpha): a frame buffer, or a texture.
///
/// ```
/// use overlay_render::{Layout, Overlay, RgbaPixels, Viewport};
///
/// let layout = Layout::default();
/// let mut overlay = Overlay::new(&layout, Viewport::new(64, 36)?);
/// let mut frame = vec![255; 64 * 36 * 4]; // white
/// overlay.paint_rgba(250.0, &mut RgbaPixels::new(&mut frame, 64 * 4));
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct RgbaPixels<'a> {
    /// The pixels, row by row from the top.
    pub bytes: &'a mut [u8],
    /// From the start of a row to that of the next, in bytes.
    pub stride: usize,
    /// The order of a pixel's bytes. Default: red first.
    pub order: ChannelOrder,
}

impl<'a> RgbaPixels<'a> {
    /// Pixels with rows of `stride` bytes, red first.
    #[must_use]
    pub fn new(bytes: &'a mut [u8], stride: usize) -> Self {
        Self {
            bytes,
            stride,
            order: ChannelOrder::default(),
        }
    }

    /// Sets the order of a pixel's bytes.
    #[must_use]
    pub fn order(mut self, order: ChannelOrder) -> Self {
        self.order = order;
        self
    }

    /// Panics if there are fewer pixels than the viewport asks for.
    pub(super) fn check(&self, viewport: Viewport) {
        let [width, height] = [viewport.width(), viewport.height()].map(|side| side as usize);
        assert!(
            self.stride >= 4 * width
                && self.bytes.len()
                    >= self
                        .stride
                        .saturating_mul(height - 1)
                        .saturating_add(4 * width),
            "the picture has {} bytes in rows of {}, too few for {width}x{height}",
            self.bytes.len(),
            self.stride
        );
    }
}

/// A picture being painted on.
pub(super) struct RgbaCanvas<'a> {
    bytes: &'a mut [u8],
    stride: usize,
    width: i32,
    height: i32,
    /// Which of red, green and blue the first three bytes of a pixel are.
    channels: [usize; 3],
}

impl<'a> RgbaCanvas<'a> {
    /// Pixels that were checked to be enough for the viewport.
    pub(super) fn new(picture: &'a mut RgbaPixels<'_>, viewport: Viewport) -> Self {
        let side =
            |length: u32| i32::try_from(length).expect("a viewport's sides are below MAX_SIDE");
        Self {
            bytes: &mut *picture.bytes,
            stride: picture.stride,
            width: side(viewport.width()),
            height: side(viewport.height()),
            channels: match picture.order {
                ChannelOrder::Rgba => [0, 1, 2],
                ChannelOrder::Bgra => [2, 1, 0],
            },
        }
    }

    /// So many pixels of a row from a column on, all of them inside.
    fn row(&mut self, row: usize, column: usize, count: usize) -> &mut [[u8; 4]] {
        let start = row * self.stride + 4 * column;
        self.bytes[start..start + 4 * count].as_chunks_mut().0
    }

    /// A colour's channels in the pixels' order.
    fn ordered(&self, color: Rgba) -> [u32; 3] {
        let color = [color.color.r, color.color.g, color.color.b];
        self.channels.map(|channel| u32::from(color[channel]))
    }

    fn coverage(&mut self, blocks: &Blocks, (x, y): (i32, i32), fill: Rgba, outline: Rgba) {
        let placed = blocks.area.shifted(x, y);
        let shared = placed.intersect(Area::of_size(self.width, self.height));
        if shared.is_empty() {
            return;
        }
        let (fill, outline) = (self.ordered(fill), self.ordered(outline));
        let (mut covers, mut insides) = (vec![0; placed.width()], vec![0; placed.width()]);
        let (skipped, count) = (inside(shared.left - placed.left), shared.width());
        for row in shared.top..shared.bottom {
            let from = u32::try_from(row - placed.top).expect("shared rows are in the sprite");
            blocks.unpack_row(from, &mut covers, &mut insides);
            let masks = covers[skipped..].iter().zip(&insides[skipped..]);
            let pixels = self.row(inside(row), inside(shared.left), count);
            for (pixel, (&cover, &inner)) in pixels.iter_mut().zip(masks) {
                if cover > 0 {
                    let (inner, rest) = (u32::from(inner), u32::from(cover.saturating_sub(inner)));
                    let color = [0, 1, 2].map(|at| fill[at] * inner + outline[at] * rest);
                    over(pixel, cover, color);
                }
            }
        }
    }

    fn picture(&mut self, picture: &SpritePicture, at: (i32, i32)) {
        let channels = self.channels;
        for (row, column, _, colors) in picture.rows(at, (self.width, self.height)) {
            let pixels = self.row(row, column, colors.len());
            for (pixel, color) in pixels.iter_mut().zip(colors) {
                let premultiplied = channels.map(|channel| 255 * u32::from(color[channel]));
                over(pixel, color[3], premultiplied);
            }
        }
    }
}

/// Lays a colour of some opacity over a pixel; the colour is multiplied with it, in 255²ths.
fn over(pixel: &mut [u8; 4], opacity: u8, premultiplied: [u32; 3]) {
    let [.., below] = *pixel;
    // Both opacities in 255²ths.
    let under = u32::from(below) * u32::from(255 - opacity);
    let all = 255 * u32::from(opacity) + under;
    if all == 0 {
        return;
    }
    for (channel, color) in pixel.iter_mut().zip(premultiplied) {
        let sum = color * 255 + u32::from(*channel) * under;
        *channel = u8::try_from((sum + all / 2) / all).unwrap_or(u8::MAX);
    }
    pixel[3] = u8::try_from((all + 127) / 255).unwrap_or(u8::MAX);
}

fn inside(coordinate: i32) -> usize {
    usize::try_from(coordinate).expect("it was cut to the picture")
}

impl Canvas for RgbaCanvas<'_> {
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba) {
        self.coverage(&sprite.luma, (x, y), fill, outline);
        if let Some(picture) = &sprite.picture {
            self.picture(picture, (x, y));
        }
    }

    fn rectangle(&mut self, area: Area, color: Rgba) {
        let shared = area.intersect(Area::of_size(self.width, self.height));
        if shared.is_empty() {
            return;
        }
        let premultiplied = self
            .ordered(color)
            .map(|channel| channel * u32::from(color.alpha));
        for row in shared.top..shared.bottom {
            for pixel in self.row(inside(row), inside(shared.left), shared.width()) {
                over(pixel, color.alpha, premultiplied);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opaque over anything is itself; half red over opaque blue is half of each; half red over
    /// half blue is 128 + 127·128/255 = 191.7 opaque, of which 128/191.7 = 66.8 % are red; half red
    /// over nothing stays half red.
    #[test]
    fn opacity_is_straight() {
        let laid = |color: [u32; 3], opacity: u8, below: [u8; 4]| {
            let mut pixel = below;
            over(
                &mut pixel,
                opacity,
                color.map(|channel| channel * u32::from(opacity)),
            );
            pixel
        };
        assert_eq!(laid([1, 2, 3], 255, [9, 9, 9, 77]), [1, 2, 3, 255]);
        assert_eq!(laid([255, 0, 0], 128, [0, 0, 255, 255]), [128, 0, 127, 255]);
        assert_eq!(laid([255, 0, 0], 128, [0, 0, 255, 128]), [170, 0, 85, 192]);
        assert_eq!(laid([255, 0, 0], 128, [7, 7, 7, 0]), [255, 0, 0, 128]);
        assert_eq!(laid([9, 9, 9], 0, [1, 2, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(laid([9, 9, 9], 0, [1, 2, 3, 0]), [1, 2, 3, 0]);
    }
}
