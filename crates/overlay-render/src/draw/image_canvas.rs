use image::RgbaImage;

use super::area::Area;
use super::blocks::Blocks;
use super::canvas::Canvas;
use super::sprite::Sprite;
use super::sprite_picture::SpritePicture;
use crate::rgba::Rgba;
use crate::viewport::Viewport;

/// A transparent picture, kept as colours times opacity while it is painted on.
pub(crate) struct ImageCanvas {
    width: i32,
    height: i32,
    pixels: Vec<[f32; 4]>,
}

impl ImageCanvas {
    pub(crate) fn new(viewport: Viewport) -> Self {
        Self::of_size(viewport.width(), viewport.height())
    }

    /// A picture whose sides are not longer than [`MAX_SIDE`](crate::MAX_SIDE).
    pub(crate) fn of_size(width: u32, height: u32) -> Self {
        let side = |length: u32| i32::try_from(length).expect("sides are below MAX_SIDE");
        Self {
            width: side(width),
            height: side(height),
            pixels: vec![[0.0; 4]; width as usize * height as usize],
        }
    }

    fn area(&self) -> Area {
        Area::of_size(self.width, self.height)
    }

    /// Where a row of an area begins in the picture.
    fn offset(&self, row: i32, column: i32) -> usize {
        let at = i64::from(row) * i64::from(self.width) + i64::from(column);
        usize::try_from(at).expect("only pixels inside are asked for")
    }

    fn coverage(&mut self, blocks: &Blocks, (x, y): (i32, i32), fill: Rgba, outline: Rgba) {
        let (fill, outline) = (channels(fill), channels(outline));
        let placed = blocks.area.shifted(x, y);
        let shared = placed.intersect(self.area());
        if shared.is_empty() {
            return;
        }
        let (mut covers, mut insides) = (vec![0; placed.width()], vec![0; placed.width()]);
        let skipped =
            usize::try_from(shared.left - placed.left).expect("the shared part lies in it");
        for row in shared.top..shared.bottom {
            let at = self.offset(row, shared.left);
            let from = u32::try_from(row - placed.top).expect("shared rows are in the sprite");
            blocks.unpack_row(from, &mut covers, &mut insides);
            let masks = covers[skipped..].iter().zip(&insides[skipped..]);
            for (pixel, (&cover, &inside)) in
                self.pixels[at..at + shared.width()].iter_mut().zip(masks)
            {
                if cover == 0 {
                    continue;
                }
                let (cover, inside) = (f32::from(cover) / 255.0, f32::from(inside) / 255.0);
                let color = [0, 1, 2].map(|i| fill[i] * inside + outline[i] * (cover - inside));
                over(pixel, cover, color);
            }
        }
    }

    fn picture(&mut self, picture: &SpritePicture, at: (i32, i32)) {
        let width = usize::try_from(self.width).expect("sides are not negative");
        for (row, column, _, colors) in picture.rows(at, (self.width, self.height)) {
            let from = row * width + column;
            for (pixel, color) in self.pixels[from..from + colors.len()]
                .iter_mut()
                .zip(colors)
            {
                let [r, g, b, alpha] = color.map(|channel| f32::from(channel) / 255.0);
                over(pixel, alpha, [r, g, b]);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte's values; sides were u32 before"
    )]
    pub(crate) fn into_image(self) -> RgbaImage {
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        let bytes = self.pixels.iter().flat_map(|&[r, g, b, a]| {
            let straight = if a > 0.0 { 1.0 / a } else { 0.0 };
            [
                byte(r * straight),
                byte(g * straight),
                byte(b * straight),
                byte(a),
            ]
        });
        RgbaImage::from_raw(self.width as u32, self.height as u32, bytes.collect())
            .expect("there are four bytes for each pixel")
    }
}

/// The channels of a colour, 0 to 1.
fn channels(color: Rgba) -> [f32; 3] {
    [color.color.r, color.color.g, color.color.b].map(|channel| f32::from(channel) / 255.0)
}

fn over(pixel: &mut [f32; 4], alpha: f32, color: [f32; 3]) {
    for (channel, value) in pixel.iter_mut().zip(color) {
        *channel = *channel * (1.0 - alpha) + value;
    }
    pixel[3] = pixel[3] * (1.0 - alpha) + alpha;
}

impl Canvas for ImageCanvas {
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba) {
        self.coverage(&sprite.luma, (x, y), fill, outline);
        if let Some(picture) = &sprite.picture {
            self.picture(picture, (x, y));
        }
    }

    fn rectangle(&mut self, area: Area, color: Rgba) {
        let shared = area.intersect(self.area());
        if shared.is_empty() {
            return;
        }
        let alpha = f32::from(color.alpha) / 255.0;
        let premultiplied = channels(color).map(|channel| channel * alpha);
        for row in shared.top..shared.bottom {
            let at = self.offset(row, shared.left);
            for pixel in &mut self.pixels[at..at + shared.width()] {
                over(pixel, alpha, premultiplied);
            }
        }
    }
}
