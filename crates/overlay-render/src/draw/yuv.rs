//! Painting straight onto planes of 8-bit YUV 4:2:0, without a round trip through RGB.

use super::painter::Canvas;
use super::sprite::{Area, Sprite};
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

/// A picture whose planes can be had one after the other.
pub(crate) trait Planes {
    /// Plane 0 is luma, 1 is Cb and 2 is Cr, both of half the size, rounded up.
    fn plane(&mut self, index: usize) -> Plane<'_>;
}

/// A picture being painted on.
pub(crate) struct YuvCanvas<'a, P> {
    pub(crate) planes: &'a mut P,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) colors: YuvColors,
}

impl<P: Planes> Canvas for YuvCanvas<'_, P> {
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba) {
        let (fill, outline) = (self.colors.encode(fill), self.colors.encode(outline));
        let size = (self.width, self.height);
        lay(
            self.planes.plane(0),
            size,
            sprite,
            (x, y),
            fill[0],
            outline[0],
        );
        let chroma = sprite.chroma(x, y, self.colors.siting);
        let half = ((size.0 + 1) / 2, (size.1 + 1) / 2);
        let at = (x.div_euclid(2), y.div_euclid(2));
        for plane in [1, 2] {
            lay(
                self.planes.plane(plane),
                half,
                chroma,
                at,
                fill[plane],
                outline[plane],
            );
        }
    }

    fn rectangle(&mut self, area: Area, color: Rgba) {
        let whole = Area {
            left: -2,
            top: -2,
            right: self.width + 2,
            bottom: self.height + 2,
        };
        let shared = area.intersect(whole);
        if shared.is_empty() {
            return;
        }
        let mut sprite = Sprite::new(shared);
        sprite.cover.fill(color.alpha);
        sprite.fill.fill(color.alpha);
        self.sprite(&sprite, 0, 0, color, color);
    }
}

/// Lays a sprite whose origin is at `x`, `y` over a plane of some size.
fn lay(
    plane: Plane<'_>,
    (width, height): (i32, i32),
    sprite: &Sprite,
    (x, y): (i32, i32),
    fill: u8,
    outline: u8,
) {
    let placed = sprite.area.shifted(x, y);
    let shared = placed.intersect(Area {
        left: 0,
        top: 0,
        right: width,
        bottom: height,
    });
    if shared.is_empty() {
        return;
    }
    for row in shared.top..shared.bottom {
        let from = index(row - placed.top) * placed.width() + index(shared.left - placed.left);
        let range = from..from + shared.width();
        let to = index(row) * plane.stride + index(shared.left);
        let target = &mut plane.data[to..to + shared.width()];
        blend(
            target,
            &sprite.cover[range.clone()],
            &sprite.fill[range],
            fill,
            outline,
        );
    }
}

fn index(coordinate: i32) -> usize {
    usize::try_from(coordinate).expect("coordinates were cut to the picture")
}

/// target · (1 - cover) + fill colour · fill + outline colour · (cover - fill), in 255ths.
fn blend(target: &mut [u8], cover: &[u8], inside: &[u8], fill: u8, outline: u8) {
    /// Pixels that are looked at together: much of a comment's box is empty.
    const CHUNK: usize = 32;
    let (fill, outline) = (u16::from(fill), u16::from(outline));
    let masks = cover.chunks(CHUNK).zip(inside.chunks(CHUNK));
    for (target, (cover, inside)) in target.chunks_mut(CHUNK).zip(masks) {
        if cover.iter().fold(0, |any, &value| any | value) == 0 {
            continue;
        }
        for ((pixel, &cover), &inside) in target.iter_mut().zip(cover).zip(inside) {
            // The weights add up to 255, so sums stay below 2¹⁶ and results below 256.
            let (cover, inside) = (u16::from(cover), u16::from(inside.min(cover)));
            let sum = u16::from(*pixel) * (255 - cover)
                + fill * inside
                + outline * (cover - inside)
                + 128;
            *pixel = ((sum + (sum >> 8)) >> 8) as u8;
        }
    }
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
        fn plane(&mut self, index: usize) -> Plane<'_> {
            Plane {
                data: &mut self.0[index],
                stride: self.1[index],
            }
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

    #[test]
    fn half_transparent_is_half_way() {
        let mut target = [0, 100, 255];
        blend(&mut target, &[128; 3], &[128; 3], 200, 0);
        assert_eq!(target, [100, 150, 227]);
        blend(&mut target, &[255; 3], &[0; 3], 200, 16);
        assert_eq!(target, [16; 3]);
    }
}
