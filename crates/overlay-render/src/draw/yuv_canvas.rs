//! Painting straight onto planes of YUV, without a round trip through RGB.

use pulp::Arch;

use super::area::Area;
use super::blend::{self, Layer};
use super::canvas::Canvas;
use super::encoding::Encoding;
use super::planes::{Plane, Planes};
use super::sample::Sample;
use super::sprite::{ChromaShape, Sprite};
use super::sprite_picture::{Encoded, SpritePicture};
use super::yuv_colors::ChromaSiting;
use crate::rgba::Rgba;
use crate::viewport::Viewport;

/// A picture being painted on.
pub(crate) struct YuvCanvas<'a, P> {
    planes: &'a mut P,
    width: i32,
    height: i32,
    encoding: Encoding,
    arch: Arch,
}

impl<'a, P: Planes> YuvCanvas<'a, P> {
    pub(super) fn new(
        planes: &'a mut P,
        viewport: Viewport,
        encoding: Encoding,
        arch: Arch,
    ) -> Self {
        let side =
            |length: u32| i32::try_from(length).expect("a viewport's sides are below MAX_SIDE");
        Self {
            planes,
            width: side(viewport.width()),
            height: side(viewport.height()),
            encoding,
            arch,
        }
    }

    /// Width and height of a plane's picture, in samples.
    fn size(&self, plane: usize) -> (i32, i32) {
        let (across, down) = self.halves(plane);
        let half = |length: i32, is_halved: bool| if is_halved { (length + 1) / 2 } else { length };
        (half(self.width, across), half(self.height, down))
    }

    /// Whether a plane has half as many columns, and half as many rows.
    fn halves(&self, plane: usize) -> (bool, bool) {
        if plane == 0 {
            (false, false)
        } else {
            self.planes.subsampling().halves()
        }
    }

    /// Lays what takes the comment's colours.
    fn coverage(&mut self, sprite: &Sprite, at: (i32, i32), fill: Rgba, outline: Rgba) {
        let (fill, outline) = (self.encoding.encode(fill), self.encoding.encode(outline));
        let pair = |plane: usize| [P::Sample::new(fill[plane]), P::Sample::new(outline[plane])];
        let [luma, cb, cr] = [0, 1, 2].map(pair);
        let (across, down) = self.halves(1);
        let (size, chroma_size) = (self.size(0), self.size(1));
        let siting = self.encoding.colors.siting;
        let [y_plane, cb_plane, cr_plane] = self.planes.planes();
        if !across {
            let layer = Layer {
                blocks: &sprite.luma,
                at,
                colors: [luma, cb, cr],
            };
            return blend::lay(self.arch, [y_plane, cb_plane, cr_plane], size, layer);
        }
        let layer = Layer {
            blocks: &sprite.luma,
            at,
            colors: [luma],
        };
        blend::lay(self.arch, [y_plane], size, layer);
        let shape = ChromaShape {
            rows_halved: down,
            siting,
        };
        let row = if down { at.1.div_euclid(2) } else { at.1 };
        let layer = Layer {
            blocks: sprite.chroma(at, shape),
            at: (at.0.div_euclid(2), row),
            colors: [cb, cr],
        };
        blend::lay(self.arch, [cb_plane, cr_plane], chroma_size, layer);
    }

    /// Lays what has colours of its own.
    fn picture(&mut self, picture: &SpritePicture, at: (i32, i32)) {
        let encoded = picture.encoded(self.encoding);
        let size = (self.width, self.height);
        let (halves, siting) = (self.halves(1), self.encoding.colors.siting);
        let [luma, cb, cr] = self.planes.planes();
        lay_luma(luma, &encoded, picture.rows(at, size));
        let chroma_size = {
            let half = |length: i32, is: bool| if is { (length + 1) / 2 } else { length };
            (half(size.0, halves.0), half(size.1, halves.1))
        };
        let [cb, cr] = [cb, cr].map(|plane| (plane.data, plane.stride));
        for (data, stride, channel) in [(cb.0, cb.1, 1), (cr.0, cr.1, 2)] {
            for (row, from, samples) in
                picture.chroma_rows(&encoded.channels[channel], at, chroma_size, halves, siting)
            {
                let start = row * stride + from;
                for (sample, (value, alpha)) in data[start..].iter_mut().zip(samples) {
                    let value = P::Sample::new(value);
                    *sample = sample.over(alpha, alpha, value, value);
                }
            }
        }
    }
}

/// Lays rows of a picture, which begin at a sample of a row of the plane's.
fn lay_luma<'a, S: Sample>(
    plane: Plane<'_, S>,
    encoded: &Encoded,
    rows: impl Iterator<Item = (usize, usize, usize, &'a [[u8; 4]])>,
) {
    for (row, column, from, pixels) in rows {
        let to = &mut plane.data[row * plane.stride + column..][..pixels.len()];
        let values = &encoded.channels[0][from..][..pixels.len()];
        for ((sample, &value), pixel) in to.iter_mut().zip(values).zip(pixels) {
            let (value, alpha) = (S::new(value), pixel[3]);
            *sample = sample.over(alpha, alpha, value, value);
        }
    }
}

impl<P: Planes> Canvas for YuvCanvas<'_, P> {
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba) {
        self.coverage(sprite, (x, y), fill, outline);
        if let Some(picture) = &sprite.picture {
            self.picture(picture, (x, y));
        }
    }

    fn rectangle(&mut self, area: Area, color: Rgba) {
        let samples = self.encoding.encode(color);
        let cut = area.intersect(Area {
            left: -2, // so far chroma reaches
            top: -2,
            right: self.width + 2,
            bottom: self.height + 2,
        });
        if cut.is_empty() {
            return;
        }
        let shapes = [0, 1, 2].map(|plane| (self.size(plane), self.halves(plane)));
        let siting = self.encoding.colors.siting;
        let planes = self.planes.planes().into_iter().zip(shapes).zip(samples);
        for ((plane, ((width, height), (across, down))), sample) in planes {
            let across = match across {
                false => shares(cut.left, cut.right, width),
                true => halved_shares(cut.left, cut.right, width, siting),
            };
            let down = match down {
                false => shares(cut.top, cut.bottom, height),
                true => halved_shares(cut.top, cut.bottom, height, ChromaSiting::Center),
            };
            for (row, share) in plane
                .data
                .chunks_mut(plane.stride)
                .zip(down)
                .filter(|&(_, share)| share > 0.0)
            {
                let cover: Vec<u8> = across
                    .iter()
                    .map(|&along| round(along * share * f32::from(color.alpha)))
                    .collect();
                blend::lay_flat(row, &cover, P::Sample::new(sample));
            }
        }
    }
}

/// For each of so many luma samples, whether it lies in a span.
fn shares(from: i32, to: i32, samples: i32) -> Vec<f32> {
    (0..samples)
        .map(|at| if from <= at && at < to { 1.0 } else { 0.0 })
        .collect()
}

/// For each of so many chroma samples, the share of the luma samples around it that lie in a span.
fn halved_shares(from: i32, to: i32, samples: i32, siting: ChromaSiting) -> Vec<f32> {
    let inside = |at: i32| if from <= at && at < to { 1.0 } else { 0.0 };
    let share = |at: i32| match siting {
        ChromaSiting::Left => {
            0.25 * inside(2 * at - 1) + 0.5 * inside(2 * at) + 0.25 * inside(2 * at + 1)
        }
        ChromaSiting::Center => 0.5 * inside(2 * at) + 0.5 * inside(2 * at + 1),
    };
    (0..samples).map(share).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at a byte's values"
)]
fn round(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::yuv_colors::Matrix;
    use super::*;
    use crate::draw::planes::Subsampling;
    use crate::draw::yuv_colors::YuvColors;
    use nico_comments::Color;

    const LIMITED: YuvColors = YuvColors {
        matrix: Matrix::Bt601,
        full_range: false,
        siting: ChromaSiting::Center,
    };

    struct Planar([Vec<u8>; 3], [usize; 3]);
    impl Planes for Planar {
        type Sample = u8;

        fn subsampling(&self) -> Subsampling {
            Subsampling::Both
        }

        fn planes(&mut self) -> [Plane<'_, u8>; 3] {
            let [y, u, v] = &mut self.0;
            let [a, b, c] = self.1;
            [(y, a), (u, b), (v, c)].map(|(data, stride)| Plane { data, stride })
        }
    }

    #[test]
    fn an_opaque_rectangle_replaces_its_pixels_and_no_others() {
        let mut planar = Planar(
            [vec![100; 8 * 6], vec![50; 4 * 3], vec![60; 4 * 3]],
            [8, 4, 4],
        );
        let mut canvas = YuvCanvas {
            planes: &mut planar,
            width: 7, // the planes are padded
            height: 6,
            encoding: LIMITED.into(),
            arch: Arch::new(),
        };
        let area = Area {
            left: 2,
            top: 2,
            right: 50,
            bottom: 4,
        };
        canvas.rectangle(area, Rgba::new(Color::WHITE, 255));
        let [luma, cb, _] = &planar.0;
        assert_eq!(luma[2 * 8..3 * 8], [100, 100, 235, 235, 235, 235, 235, 100]);
        assert!(luma[..16].iter().chain(&luma[32..]).all(|&y| y == 100));
        assert_eq!(cb[4..7], [50, 128, 128]);
        assert!(cb[..4].iter().chain(&cb[8..]).all(|&u| u == 50));
    }
}
