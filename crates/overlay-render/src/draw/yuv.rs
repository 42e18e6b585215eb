//! Painting straight onto planes of 8-bit YUV 4:2:0, without a round trip through RGB.

use pulp::Arch;

use super::area::Area;
use super::blend::{self, Layer};
use super::painter::Canvas;
use super::sprite::Sprite;
use crate::Rgba;

/// Which weights of red, green and blue make luma.
///
/// ```
/// # use overlay_render::Matrix;
/// assert_eq!(Matrix::default(), Matrix::Bt601);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matrix {
    /// ITU-R BT.601, of standard definition.
    #[default]
    Bt601,
    /// ITU-R BT.709, of high definition.
    Bt709,
    /// ITU-R BT.2020 with constant weights.
    Bt2020,
}

impl Matrix {
    /// The weights of red and blue.
    fn weights(self) -> (f32, f32) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// Where a chroma sample lies among the four luma samples that it belongs to, horizontally. Vertically it is between them.
///
/// ```
/// # use overlay_render::ChromaSiting;
/// assert_eq!(ChromaSiting::default(), ChromaSiting::Left);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChromaSiting {
    /// Over the left two, as in MPEG-2 and most of H.264.
    #[default]
    Left,
    /// In the middle, as in JPEG.
    Center,
}

/// How a picture's colours are stored as luma and chroma. The default is what untagged video of standard definition has.
///
/// ```
/// use overlay_render::{Matrix, YuvColors};
///
/// let hd = YuvColors { matrix: Matrix::Bt709, ..YuvColors::default() };
/// assert!(!hd.full_range);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YuvColors {
    /// The weights of the primaries.
    pub matrix: Matrix,
    /// Whether luma takes 0 to 255, and not 16 to 235.
    pub full_range: bool,
    /// Where chroma samples lie.
    pub siting: ChromaSiting,
}

impl YuvColors {
    /// Y', Cb, Cr of a colour.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates at a byte's values"
    )]
    fn encode(self, color: Rgba) -> [u8; 3] {
        let [r, g, b] =
            [color.color.r, color.color.g, color.color.b].map(|channel| f32::from(channel) / 255.0);
        let (red, blue) = self.matrix.weights();
        let y = red * r + (1.0 - red - blue) * g + blue * b;
        let cb = (b - y) / (2.0 * (1.0 - blue));
        let cr = (r - y) / (2.0 * (1.0 - red));
        let (luma, offset, chroma) = if self.full_range {
            (255.0, 0.0, 255.0)
        } else {
            (219.0, 16.0, 224.0)
        };
        [y * luma + offset, cb * chroma + 128.0, cr * chroma + 128.0]
            .map(|value| value.round() as u8)
    }
}

/// One plane of a picture.
pub(crate) struct Plane<'a> {
    pub(crate) data: &'a mut [u8],
    pub(crate) stride: usize,
}

/// A picture whose planes can be had.
pub(crate) trait Planes {
    /// Luma, Cb and Cr, the latter two of half the size, rounded up.
    fn planes(&mut self) -> [Plane<'_>; 3];
}

/// A picture being painted on.
pub(crate) struct YuvCanvas<'a, P> {
    pub(crate) planes: &'a mut P,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) colors: YuvColors,
    pub(crate) arch: Arch,
}

impl<P: Planes> YuvCanvas<'_, P> {
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
            ink: &sprite.luma,
            at: (x, y),
            colors: [luma],
        };
        blend::lay(self.arch, [y_plane], size, layer);
        let layer = Layer {
            ink: chroma,
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
    use super::*;
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

    /// BT.601, limited range: white is (235, 128, 128), red (81, 90, 240), blue (41, 240, 110).
    #[test]
    fn colours_are_encoded_as_the_standard_says() {
        let encode = |r, g, b| LIMITED.encode(Rgba::new(Color::rgb(r, g, b), 255));
        assert_eq!(encode(255, 255, 255), [235, 128, 128]);
        assert_eq!(encode(255, 0, 0), [81, 90, 240]);
        assert_eq!(encode(0, 0, 255), [41, 240, 110]);
        let full = YuvColors {
            full_range: true,
            ..LIMITED
        };
        assert_eq!(full.encode(Rgba::new(Color::WHITE, 255)), [255, 128, 128]);
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
