//! The part of a comment that has colours of its own.

use std::borrow::Cow;
use std::sync::OnceLock;

use nico_comments::Color;

use super::alpha::{low_byte, mul};
use super::area::Area;
use super::color_glyph::ColorGlyph;
use super::encoding::Encoding;
use super::yuv_colors::ChromaSiting;
use crate::rgba::Rgba;

/// Emoji of a comment: colours times opacity of an area's pixels, row by row.
#[derive(Debug, Default)]
pub(super) struct SpritePicture {
    pub(super) area: Area,
    pub(super) pixels: Vec<[u8; 4]>,
    encoded: OnceLock<(Encoding, Encoded)>,
}

/// The colours of a picture's pixels as samples, without their opacity.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    /// Luma, Cb and Cr of all pixels.
    pub(super) channels: [Vec<u16>; 3],
}

impl SpritePicture {
    pub(super) fn new(area: Area) -> Self {
        Self {
            area,
            pixels: vec![[0; 4]; area.width() * area.height()],
            encoded: OnceLock::new(),
        }
    }

    /// Lays a glyph over what is there.
    pub(super) fn lay(&mut self, glyph: &ColorGlyph, x: i32, y: i32) {
        let placed = glyph.area(x, y);
        let shared = self.area.intersect(placed);
        if shared.is_empty() {
            return;
        }
        let offset = |area: Area, row: i32| {
            let rows = usize::try_from(row - area.top).expect("shared rows are in both");
            let columns = usize::try_from(shared.left - area.left).expect("as are columns");
            rows * area.width() + columns
        };
        for row in shared.top..shared.bottom {
            let from = &glyph.pixels[offset(placed, row)..][..shared.width()];
            let to = &mut self.pixels[offset(self.area, row)..][..shared.width()];
            for (below, above) in to.iter_mut().zip(from) {
                let rest = 255 - u16::from(above[3]);
                for (to, &from) in below.iter_mut().zip(above) {
                    *to = low_byte(mul(u16::from(*to), rest) + u16::from(from));
                }
            }
        }
    }

    /// Makes it as a whole more transparent.
    pub(super) fn fade(&mut self, opacity: u8) {
        if opacity < 255 {
            let opacity = u16::from(opacity);
            let channels = self.pixels.as_flattened_mut().iter_mut();
            channels.for_each(|channel| *channel = low_byte(mul(u16::from(*channel), opacity)));
        }
    }

    /// Its colours as samples; kept for the encoding that is asked for first, which is the video's.
    pub(super) fn encoded(&self, encoding: Encoding) -> Cow<'_, Encoded> {
        let (known, encoded) = self
            .encoded
            .get_or_init(|| (encoding, self.encode(encoding)));
        if *known == encoding {
            Cow::Borrowed(encoded)
        } else {
            Cow::Owned(self.encode(encoding))
        }
    }

    fn encode(&self, encoding: Encoding) -> Encoded {
        let mut channels = [const { Vec::new() }; 3];
        for &[r, g, b, alpha] in &self.pixels {
            let straight = |channel: u8| {
                let value = u16::from(channel) * 255 / u16::from(alpha).max(1);
                u8::try_from(value).unwrap_or(u8::MAX)
            };
            let color = Color::rgb(straight(r), straight(g), straight(b));
            let samples = encoding.encode(Rgba::new(color, 255));
            for (channel, sample) in channels.iter_mut().zip(samples) {
                channel.push(sample);
            }
        }
        Encoded { channels }
    }

    /// The rows of the area from a place on the surface on, as far as they lie on one of a size: the
    /// row's number and first column on the surface, where its first pixel is among all, and its
    /// pixels.
    pub(super) fn rows(
        &self,
        (x, y): (i32, i32),
        (width, height): (i32, i32),
    ) -> impl Iterator<Item = (usize, usize, usize, &[[u8; 4]])> {
        let placed = self.area.shifted(x, y);
        let shared = placed.intersect(Area::of_size(width, height));
        let rows = if shared.is_empty() {
            0..0
        } else {
            shared.top..shared.bottom
        };
        rows.map(move |row| {
            let from =
                inside(row - placed.top) * placed.width() + inside(shared.left - placed.left);
            let pixels = &self.pixels[from..from + shared.width()];
            (inside(row), inside(shared.left), from, pixels)
        })
    }

    /// As [`rows`](Self::rows) for a plane of chroma of a size, which has half the columns and half
    /// the rows where `halves` says so: its samples and opacities, means over those pixels that each
    /// stands for.
    pub(super) fn chroma_rows(
        &self,
        channel: &[u16],
        (x, y): (i32, i32),
        (width, height): (i32, i32),
        halves: (bool, bool),
        siting: ChromaSiting,
    ) -> impl Iterator<Item = (usize, usize, Vec<(u16, u8)>)> {
        let placed = self.area.shifted(x, y);
        let columns: &[(i32, u32)] = match (halves.0, siting) {
            (false, _) => &[(0, 1)],
            (true, ChromaSiting::Left) => &[(-1, 1), (0, 2), (1, 1)],
            (true, ChromaSiting::Center) => &[(0, 1), (1, 1)],
        };
        let rows: &[i32] = if halves.1 { &[0, 1] } else { &[0] };
        let factor = |is_halved: bool| if is_halved { 2 } else { 1 };
        let (across, down) = (factor(halves.0), factor(halves.1));
        let reached = Area {
            left: placed.left.div_euclid(across),
            top: placed.top.div_euclid(down),
            right: placed.right.div_euclid(across) + 1, // one more, which the last column reaches
            bottom: (placed.bottom + down - 1).div_euclid(down),
        };
        let shared = reached.intersect(Area::of_size(width, height));
        let area_width = placed.width();
        let all: u32 = columns
            .iter()
            .map(|&(_, weight)| weight * factor_u32(rows.len()))
            .sum();
        let sample = move |column: i32, row: i32| {
            let (mut values, mut opacities) = (0_u32, 0_u32);
            for &below in rows {
                for &(beside, weight) in columns {
                    let (px, py) = (column * across + beside, row * down + below);
                    let is_inside = (placed.left..placed.right).contains(&px)
                        && (placed.top..placed.bottom).contains(&py);
                    if !is_inside {
                        continue;
                    }
                    let at = inside(py - placed.top) * area_width + inside(px - placed.left);
                    let opacity = weight * u32::from(self.pixels[at][3]);
                    values += opacity * u32::from(channel[at]);
                    opacities += opacity;
                }
            }
            let value = (values + opacities / 2) / opacities.max(1);
            let alpha = (opacities + all / 2) / all;
            let value = u16::try_from(value).unwrap_or(u16::MAX);
            (value, u8::try_from(alpha).unwrap_or(u8::MAX))
        };
        let rows = if shared.is_empty() {
            0..0
        } else {
            shared.top..shared.bottom
        };
        rows.map(move |row| {
            let samples = (shared.left..shared.right).map(|column| sample(column, row));
            (inside(row), inside(shared.left), samples.collect())
        })
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.pixels) * 5 / 2 // with its colours as samples
    }
}

fn inside(coordinate: i32) -> usize {
    usize::try_from(coordinate).expect("it was cut to the surface")
}

fn factor_u32(count: usize) -> u32 {
    u32::try_from(count).expect("one or two")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half red over opaque blue: 128 of red and 127/255 of the blue, opaque.
    #[test]
    fn glyphs_lie_over_each_other() {
        let glyph = |pixel| ColorGlyph {
            left: 0,
            top: 0,
            width: 1,
            height: 1,
            pixels: Box::new([pixel]),
        };
        let mut picture = SpritePicture::new(Area::of_size(2, 1));
        picture.lay(&glyph([0, 0, 255, 255]), 1, 0);
        picture.lay(&glyph([128, 0, 0, 128]), 1, 0);
        picture.lay(&glyph([9, 9, 9, 255]), 2, 0); // outside
        assert_eq!(picture.pixels, [[0; 4], [128, 0, 127, 255]]);
        picture.fade(128);
        assert_eq!(picture.pixels[1], [64, 0, 64, 128]);
        let rows: Vec<_> = picture.rows((-1, 3), (5, 4)).collect();
        assert_eq!(rows, [(3, 0, 1, &[[64, 0, 64, 128]][..])]);
        assert_eq!(picture.rows((0, 4), (5, 4)).count(), 0);
    }
}
