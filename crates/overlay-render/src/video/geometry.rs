//! Sizes of the pictures on their way, and where the video's picture stands in a frame.

use ffmpeg_next::Rational;

use super::options::{FrameShape, OutputSize};
use super::rotation::Rotation;
use super::time::ratio;
use crate::error::Error;
use crate::limits::MAX_SIDE;
use crate::viewport::{ASPECTS, Viewport};

/// How many times as wide as high the player's stage is.
const STAGE_SHAPE: f64 = 16.0 / 9.0;
/// Bars that would take less than this share of a frame's side are left out: 1920x1088 is 16:9.
const NARROWEST_BARS: f64 = 0.01;

/// Sizes of the pictures on their way, fixed by the first frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub(super) rotation: Rotation,
    /// Size of an upright frame of the output, with its bars.
    pub(super) shown: (u32, u32),
    /// Where the video's picture stands in it.
    pub(super) picture: PictureBox,
    /// The shape of a pixel in the output.
    pub(super) pixel_aspect: Rational,
    /// Whether rows stay rows: neither turned nor scaled.
    pub(super) is_as_stored: bool,
}

/// A rectangle of a frame, in pixels. Its left and upper edges are even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PictureBox {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl PictureBox {
    pub(super) fn size(self) -> (u32, u32) {
        (self.width, self.height)
    }
}

impl Geometry {
    /// What a source of `width` x `height` becomes.
    pub(super) fn new(
        rotation: Rotation,
        source: (u32, u32),
        pixel_aspect: Rational,
        (size, shape): (OutputSize, FrameShape),
    ) -> Result<Self, Error> {
        let upright = rotation.size(source);
        let aspect = if rotation.size((1, 2)) == (2, 1) && ratio(pixel_aspect) > 0.0 {
            pixel_aspect.invert()
        } else {
            pixel_aspect
        };
        let bars = match shape {
            FrameShape::Picture => None,
            FrameShape::Stage => Bars::around(upright, aspect),
        };
        let shown = match (size, &bars) {
            (OutputSize::Exact(width, height), _) => (width, height),
            (OutputSize::Source, None) => upright,
            (OutputSize::Source, Some(bars)) => bars.frame(upright),
            (OutputSize::Height(height), None) => {
                let width = u64::from(upright.0) * u64::from(height) / u64::from(upright.1.max(1));
                // An even number, which every encoder takes.
                let width = u32::try_from(width.next_multiple_of(2)).unwrap_or(u32::MAX);
                (width.max(2), height)
            }
            (OutputSize::Height(height), Some(_)) => (
                even(f64::from(height) * STAGE_SHAPE / known(aspect)),
                height,
            ),
        };
        let (width, height) = shown;
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(Error::PictureSize { width, height });
        }
        let picture = match &bars {
            None => PictureBox {
                left: 0,
                top: 0,
                width,
                height,
            },
            Some(bars) => bars.inside(upright, shown),
        };
        Ok(Self {
            rotation,
            shown,
            picture,
            pixel_aspect: match (size, &bars) {
                (OutputSize::Exact(..), None) => reshaped(aspect, upright, shown),
                (OutputSize::Exact(..), Some(_)) => reshaped(Rational(16, 9), (1, 1), shown),
                _ => aspect,
            },
            is_as_stored: rotation == Rotation::None && picture.size() == source,
        })
    }

    /// Size of the frames that are encoded: 4:2:0 takes even sides only.
    pub(super) fn coded(&self) -> (u32, u32) {
        let (width, height) = self.shown;
        (width.next_multiple_of(2), height.next_multiple_of(2))
    }

    /// Whether the picture has bars beside it or above and below.
    pub(super) fn has_bars(&self) -> bool {
        self.picture.size() != self.shown
    }

    pub(super) fn viewport(&self) -> Result<Viewport, Error> {
        let (width, height) = self.shown;
        Viewport::with_pixel_aspect(width, height, known(self.pixel_aspect))
    }
}

/// The shape of pixels as a number. Unknown shapes are square; absurd ones are those of damaged
/// files.
fn known(aspect: Rational) -> f64 {
    match ratio(aspect) {
        aspect if aspect > 0.0 => aspect.clamp(*ASPECTS.start(), *ASPECTS.end()),
        _ => 1.0,
    }
}

/// Where bars stand that make a picture 16:9, and which share of the frame's side the picture takes
/// between them.
enum Bars {
    Beside(f64),
    AboveAndBelow(f64),
}

impl Bars {
    fn around((width, height): (u32, u32), aspect: Rational) -> Option<Self> {
        let shape = f64::from(width) * known(aspect) / f64::from(height.max(1));
        let (beside, above) = (shape / STAGE_SHAPE, STAGE_SHAPE / shape);
        if beside.min(above) > 1.0 - NARROWEST_BARS {
            None
        } else if beside < above {
            Some(Self::Beside(beside))
        } else {
            Some(Self::AboveAndBelow(above))
        }
    }

    /// The smallest frame around a picture.
    fn frame(&self, (width, height): (u32, u32)) -> (u32, u32) {
        match self {
            Self::Beside(share) => (even(f64::from(width) / share), height),
            Self::AboveAndBelow(share) => (width, even(f64::from(height) / share)),
        }
    }

    /// Where a picture stands in a frame: as it is where the frame is the smallest around it.
    fn inside(&self, picture: (u32, u32), shown: (u32, u32)) -> PictureBox {
        let fits = self.frame(picture) == shown;
        let place = |picture: u32, share: f64, shown: u32, step: u32| {
            let length = if fits {
                picture
            } else {
                even(f64::from(shown) * share).clamp(1, shown)
            };
            let bar = (shown - length.min(shown)) / 2;
            (bar - bar % step, length)
        };
        match *self {
            Self::Beside(share) => {
                let (left, width) = place(picture.0, share, shown.0, 2);
                PictureBox {
                    left,
                    top: 0,
                    width,
                    height: shown.1,
                }
            }
            Self::AboveAndBelow(share) => {
                // On interlaced frames four rows belong together.
                let (top, height) = place(picture.1, share, shown.1, 4);
                PictureBox {
                    left: 0,
                    top,
                    width: shown.0,
                    height,
                }
            }
        }
    }
}

/// The nearest even number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and what is too large is refused"
)]
fn even(length: f64) -> u32 {
    ((length / 2.0).round() as u32).saturating_mul(2)
}

/// The shape of pixels that leaves the picture's shape as it was. Unknown ones are square.
fn reshaped(aspect: Rational, from: (u32, u32), to: (u32, u32)) -> Rational {
    let (num, den) = if ratio(aspect) > 0.0 {
        (aspect.numerator(), aspect.denominator())
    } else {
        (1, 1)
    };
    let wide = u128::from(num.unsigned_abs()) * u128::from(from.0) * u128::from(to.1);
    let high = u128::from(den.unsigned_abs()) * u128::from(from.1) * u128::from(to.0);
    let (mut a, mut b) = (wide, high);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (mut wide, mut high) = (wide / a.max(1), high / a.max(1));
    while wide > 0xFFFF || high > 0xFFFF {
        (wide, high) = (wide / 2, high / 2); // containers have 16 bits for it
    }
    let number = |value: u128| i32::try_from(value.max(1)).unwrap_or(1);
    Rational(number(wide), number(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 720x576 with pixels of 16:15 is 4:3. In 640x480 pixels are square: 16/15 · 720/576 · 480/640
    /// = 1. Turned by a quarter the picture is 576x720 with pixels of 15:16; 360 rows of it have
    /// 288 columns.
    #[test]
    fn pictures_keep_their_shape() {
        let aspect = Rational(16, 15);
        let pal = |rotation, size| {
            Geometry::new(rotation, (720, 576), aspect, (size, FrameShape::Picture)).unwrap()
        };
        let square = pal(Rotation::None, OutputSize::Exact(640, 480));
        assert_eq!(square.pixel_aspect, Rational(1, 1));
        let turned = pal(Rotation::Quarter, OutputSize::Height(360));
        assert_eq!(
            (turned.shown, turned.pixel_aspect),
            ((288, 360), Rational(15, 16))
        );
        assert!(!turned.has_bars());
        assert_eq!(pal(Rotation::None, OutputSize::Source).coded(), (720, 576));
        for size in [
            OutputSize::Exact(0, 480),
            OutputSize::Height(0),
            OutputSize::Height(20_000),
        ] {
            let size = (size, FrameShape::Picture);
            assert!(Geometry::new(Rotation::None, (720, 576), aspect, size).is_err());
        }
        let thin = reshaped(Rational(0, 1), (16_384, 1), (1, 16_384));
        // 2²⁸ does not fit; the shape is as near as the containers' numbers allow.
        assert_eq!(thin, Rational(32_768, 1));
    }

    /// 640x480 in 16:9 is 853 columns wide, made even: 854, with bars of 107 and so of 106 columns
    /// (even); in 1280x720 the picture is 960 columns wide between bars of 160. 21:9 gets bars above
    /// and below.
    #[test]
    fn the_stage_has_bars_beside_other_pictures() {
        let staged = |source, aspect, size| {
            let shape = (size, FrameShape::Stage);
            let geometry = Geometry::new(Rotation::None, source, aspect, shape).unwrap();
            let PictureBox {
                left,
                top,
                width,
                height,
            } = geometry.picture;
            assert_eq!(geometry.has_bars(), (width, height) != geometry.shown);
            (
                geometry.shown,
                [left, top, width, height],
                geometry.pixel_aspect,
            )
        };
        let square = Rational(1, 1);
        let source = OutputSize::Source;
        assert_eq!(
            staged((640, 480), square, source),
            ((854, 480), [106, 0, 640, 480], square)
        );
        for size in [OutputSize::Height(720), OutputSize::Exact(1280, 720)] {
            assert_eq!(
                staged((640, 480), square, size),
                ((1280, 720), [160, 0, 960, 720], square)
            );
        }
        // DVDs: pixels that are not square stay so.
        assert_eq!(
            staged((720, 480), Rational(8, 9), source),
            ((960, 480), [120, 0, 720, 480], Rational(8, 9))
        );
        assert_eq!(
            staged((2560, 1080), square, source),
            ((2560, 1440), [0, 180, 2560, 1080], square)
        );
        for whole in [(1920, 1080), (1920, 1088), (854, 480), (1366, 768)] {
            let (shown, [left, top, width, height], _) = staged(whole, square, source);
            assert_eq!((shown, (width, height)), (whole, whole));
            assert_eq!((left, top), (0, 0));
        }
        let stage = (source, FrameShape::Stage);
        assert!(Geometry::new(Rotation::None, (16_384, 16_384), square, stage).is_err());
    }
}
