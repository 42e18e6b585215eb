//! Painting straight onto planes of 8-bit YUV 4:2:0, without a round trip through RGB.

use pulp::Arch;

use super::area::Area;
use super::blend::{self, Layer};
use super::canvas::Canvas;
use super::planes::Planes;
use super::sprite::Sprite;
use super::yuv_colors::{ChromaSiting, YuvColors};
use crate::rgba::Rgba;
use crate::viewport::Viewport;

/// A picture being painted on.
pub(crate) struct YuvCanvas<'a, P> {
    planes: &'a mut P,
    width: i32,
    height: i32,
    colors: YuvColors,
    arch: Arch,
}

impl<'a, P: Planes> YuvCanvas<'a, P> {
    pub(super) fn new(
        planes: &'a mut P,
        viewport: Viewport,
        colors: YuvColors,
        arch: Arch,
    ) -> Self {
        let side =
            |length: u32| i32::try_from(length).expect("a viewport's sides are below MAX_SIDE");
        Self {
            planes,
            width: side(viewport.width()),
            height: side(viewport.height()),
            colors,
            arch,
        }
    }

    /// Width and height of a plane's picture, in samples.
    fn size(&self, plane: usize) -> (i32, i32) {
        if plane == 0 {
            (self.width, self.height)
        } else {
            ((self.width + 1) / 2, (self.height + 1) / 2)
        }
    }
}

impl<P: Planes> Canvas for YuvCanvas<'_, P> {
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba) {
        let (fill, outline) = (self.colors.encode(fill), self.colors.encode(outline));
        let chroma = sprite.chroma(x, y, self.colors.siting);
        let half = (x.div_euclid(2), y.div_euclid(2));
        let (size, half_size) = (self.size(0), self.size(1));
        let [luma, cb, cr] = [0, 1, 2].map(|plane| [fill[plane], outline[plane]]);
        let [y_plane, cb_plane, cr_plane] = self.planes.planes();
        let layer = Layer {
            blocks: &sprite.luma,
            at: (x, y),
            colors: [luma],
        };
        blend::lay(self.arch, [y_plane], size, layer);
        let layer = Layer {
            blocks: chroma,
            at: half,
            colors: [cb, cr],
        };
        blend::lay(self.arch, [cb_plane, cr_plane], half_size, layer);
    }

    fn rectangle(&mut self, area: Area, color: Rgba) {
        let samples = self.colors.encode(color);
        let cut = area.intersect(Area {
            left: -2, // so far chroma reaches
            top: -2,
            right: self.width + 2,
            bottom: self.height + 2,
        });
        if cut.is_empty() {
            return;
        }
        let sizes = [0, 1, 2].map(|plane| self.size(plane));
        let planes = self.planes.planes().into_iter().zip(sizes).zip(samples);
        for (number, ((plane, (width, height)), sample)) in planes.enumerate() {
            let (across, down) = if number == 0 {
                (
                    shares(cut.left, cut.right, width),
                    shares(cut.top, cut.bottom, height),
                )
            } else {
                (
                    halved_shares(cut.left, cut.right, width, self.colors.siting),
                    halved_shares(cut.top, cut.bottom, height, ChromaSiting::Center),
                )
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
                blend::lay_flat(row, &cover, sample);
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
    use crate::draw::planes::Plane;
    use nico_comments::Color;

    const LIMITED: YuvColors = YuvColors {
        matrix: Matrix::Bt601,
        full_range: false,
        siting: ChromaSiting::Center,
    };

    struct Planar([Vec<u8>; 3], [usize; 3]);
    impl Planes for Planar {
        fn planes(&mut self) -> [Plane<'_>; 3] {
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
            colors: LIMITED,
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
