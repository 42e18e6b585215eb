//! Glyphs in colour: bitmaps (CBDT, sbix) scaled, and layers (COLR) drawn.

use image::{ImageFormat, ImageReader, Limits, RgbaImage};
use rustybuzz::ttf_parser::{Face, GlyphId, RasterGlyphImage, RasterImageFormat};

use super::area::Area;
use super::color_layers;

/// Widest and highest bitmap of a font that is read, in pixels; those of fonts are 109 to 160.
const MAX_BITMAP: u32 = 1_024;
/// Widest and highest glyph that is drawn, in pixels.
pub(super) const MAX_SIDE: u32 = 4_096;

/// A glyph's picture: colours times opacity, row by row. `left` and `top` are whole pixels from its
/// origin, downwards positive.
#[derive(Debug, Default)]
pub(super) struct ColorGlyph {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Box<[[u8; 4]]>,
}

/// Pixels per em in both directions, and where between two pixels the origin is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColorPen {
    pub(super) em: (f32, f32),
    pub(super) subpixel: (f32, f32),
}

impl ColorGlyph {
    /// `None` if the face has no picture of the glyph.
    pub(super) fn draw(face: &Face<'_>, id: u16, pen: ColorPen) -> Option<Self> {
        let id = GlyphId(id);
        if face.is_color_glyph(id) {
            return color_layers::draw(face, id, pen);
        }
        let per_em = as_u16(pen.em.1.ceil());
        let bitmap = face.glyph_raster_image(id, per_em)?;
        let picture = decoded(&bitmap)?;
        let per_bitmap_em = f32::from(bitmap.pixels_per_em.max(1));
        let scale = (pen.em.0 / per_bitmap_em, pen.em.1 / per_bitmap_em);
        // The bitmap's lower left corner is given from the origin, upwards positive.
        #[expect(clippy::cast_precision_loss, reason = "at most 1,024 pixels")]
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let left = f32::from(bitmap.x) * scale.0 + pen.subpixel.0;
        let top = -(f32::from(bitmap.y) + height) * scale.1 + pen.subpixel.1;
        let across = Span::new(left, width * scale.0)?;
        let down = Span::new(top, height * scale.1)?;
        Some(Self {
            left: across.first,
            top: down.first,
            width: across.len,
            height: down.len,
            pixels: scaled(&picture, &across.weights(width), &down.weights(height)),
        })
    }

    /// Where it lies when its origin is at `x`, `y`.
    pub(super) fn area(&self, x: i32, y: i32) -> Area {
        let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        Area::of_size(side(self.width), side(self.height))
            .shifted(x.saturating_add(self.left), y.saturating_add(self.top))
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.pixels) + size_of::<Self>()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates"
)]
fn as_u16(length: f32) -> u16 {
    length as u16
}

/// A bitmap as colours times opacity.
fn decoded(bitmap: &RasterGlyphImage<'_>) -> Option<RgbaImage> {
    if bitmap.format != RasterImageFormat::PNG {
        return None;
    }
    let mut reader = ImageReader::with_format(std::io::Cursor::new(bitmap.data), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_BITMAP);
    limits.max_image_height = Some(MAX_BITMAP);
    reader.limits(limits);
    let mut picture = reader.decode().ok()?.into_rgba8();
    for pixel in picture.pixels_mut() {
        let [r, g, b, a] = pixel.0.map(u16::from);
        let times = |channel: u16| u8::try_from((channel * a + 127) / 255).unwrap_or(u8::MAX);
        pixel.0 = [times(r), times(g), times(b), pixel.0[3]];
    }
    Some(picture)
}

/// The whole pixels that a stretch of a row or column touches.
struct Span {
    first: i32,
    len: usize,
    begin: f32, // of the stretch, in pixels from the first
    length: f32,
}

impl Span {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "lengths up to some thousands, checked before"
    )]
    fn new(begin: f32, length: f32) -> Option<Self> {
        let is_drawn = length > 0.0 && length <= MAX_SIDE as f32 && begin.abs() <= 1e6;
        if !is_drawn {
            return None;
        }
        let first = begin.floor();
        let last = (begin + length).ceil();
        Some(Self {
            first: first as i32,
            len: (last - first) as usize,
            begin: begin - first,
            length,
        })
    }

    /// For each pixel the source's pixels that it shows, with their weights: a tent around its
    /// centre, as wide as a pixel of the larger of both. Outside of the source nothing is.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "lengths up to some thousands"
    )]
    fn weights(&self, source: f32) -> Vec<Weights> {
        let step = source / self.length; // source pixels in one of ours
        let reach = step.max(1.0);
        let weights = |at: usize| {
            let centre = (at as f32 + 0.5 - self.begin) * step - 0.5;
            let from = (centre - reach).ceil();
            let to = (centre + reach).floor();
            let tent = |at: f32| 1.0 - (at - centre).abs() / reach;
            let count = (to - from).max(0.0) as usize + 1;
            let all: Vec<f32> = (0..count).map(|i| tent(from + i as f32).max(0.0)).collect();
            let sum: f32 = all.iter().sum();
            Weights {
                first: from as i32,
                shares: all
                    .into_iter()
                    .map(|weight| weight / sum.max(1e-6))
                    .collect(),
            }
        };
        (0..self.len).map(weights).collect()
    }
}

/// The share of each of some neighbouring pixels.
struct Weights {
    first: i32,
    shares: Vec<f32>,
}

impl Weights {
    /// The pixels that are in a row of so many, with their shares.
    fn inside(&self, length: usize) -> impl Iterator<Item = (usize, f32)> {
        let at = (self.first..).map(usize::try_from).zip(&self.shares);
        at.filter_map(move |(at, &share)| Some((at.ok().filter(|&at| at < length)?, share)))
    }
}

/// The weighted means of a picture's pixels, along rows first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte's values"
)]
fn scaled(picture: &RgbaImage, across: &[Weights], down: &[Weights]) -> Box<[[u8; 4]]> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let source: &[[u8; 4]] = picture.as_raw().as_chunks().0;
    let mut rows = vec![[0.0_f32; 4]; across.len() * height];
    for (row, from) in rows.chunks_mut(across.len()).zip(source.chunks(width)) {
        for (to, weights) in row.iter_mut().zip(across) {
            for (at, share) in weights.inside(width) {
                for (sum, &channel) in to.iter_mut().zip(&from[at]) {
                    *sum += share * f32::from(channel);
                }
            }
        }
    }
    let mut pixels = Vec::with_capacity(across.len() * down.len());
    for weights in down {
        for x in 0..across.len() {
            let mut sum = [0.0_f32; 4];
            for (at, share) in weights.inside(height) {
                let row = rows[at * across.len() + x];
                sum.iter_mut()
                    .zip(row)
                    .for_each(|(sum, value)| *sum += share * value);
            }
            pixels.push(sum.map(|value| (value + 0.5) as u8));
        }
    }
    pixels.into()
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    /// 4 pixels to 2, from a quarter on: an even colour stays even inside, and what is outside fades
    /// out; no opacity is lost or won.
    #[test]
    fn pictures_are_scaled_evenly() {
        let picture = RgbaImage::from_pixel(40, 40, Rgba([100, 0, 200, 200]));
        let span = Span::new(-0.25, 20.0).unwrap();
        assert_eq!((span.first, span.len), (-1, 21));
        let pixels = scaled(&picture, &span.weights(40.0), &span.weights(40.0));
        assert_eq!(pixels[10 * 21 + 10], [100, 0, 200, 200]);
        let sum: f64 = pixels.iter().map(|pixel| f64::from(pixel[3])).sum();
        assert!((sum / (400.0 * 200.0) - 1.0).abs() < 0.02, "{sum}");
        let larger = Span::new(0.0, 80.0).unwrap();
        let pixels = scaled(&picture, &larger.weights(40.0), &larger.weights(40.0));
        assert_eq!(pixels.len(), 80 * 80);
        assert_eq!(pixels[40 * 80 + 40], [100, 0, 200, 200]);
        for wrong in [0.0, -1.0, f32::NAN, 1e9] {
            assert!(Span::new(0.0, wrong).is_none());
        }
    }
}
