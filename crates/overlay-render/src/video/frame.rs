//! Frames made ready to be painted on.

use ffmpeg_next::{self as ffmpeg, Rational, format, frame, software::scaling};

use super::colors::{coding, is_full_range, is_jpeg, is_yuv, tag_converted};
use super::ffi::{Coding, copy_properties, is_only_ours, planes_mut, set_coding};
use super::options::OutputSize;
use super::pool::Pool;
use super::rotation::{Raster, Rotation, copy_rotated};
use super::time::ratio;
use crate::draw::planes::{Plane, Planes};
use crate::error::Error;
use crate::limits::MAX_SIDE;
use crate::viewport::{ASPECTS, Viewport};

/// Sizes of the pictures on their way, fixed by the first frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub(super) rotation: Rotation,
    /// Size of the picture upright, in the output.
    pub(super) shown: (u32, u32),
    /// The shape of a pixel in the output.
    pub(super) pixel_aspect: Rational,
    /// Whether rows stay rows: neither turned nor scaled.
    pub(super) is_as_stored: bool,
}

impl Geometry {
    /// What a source of `width` x `height` becomes.
    pub(super) fn new(
        rotation: Rotation,
        source: (u32, u32),
        pixel_aspect: Rational,
        size: OutputSize,
    ) -> Result<Self, Error> {
        let upright = rotation.size(source);
        let aspect = if rotation.size((1, 2)) == (2, 1) && ratio(pixel_aspect) > 0.0 {
            pixel_aspect.invert()
        } else {
            pixel_aspect
        };
        let shown = match size {
            OutputSize::Source => upright,
            OutputSize::Exact(width, height) => (width, height),
            OutputSize::Height(height) => {
                let width = u64::from(upright.0) * u64::from(height) / u64::from(upright.1.max(1));
                // An even number, which every encoder takes.
                let width = u32::try_from(width.next_multiple_of(2)).unwrap_or(u32::MAX);
                (width.max(2), height)
            }
        };
        let (width, height) = shown;
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(Error::PictureSize { width, height });
        }
        Ok(Self {
            rotation,
            shown,
            pixel_aspect: match size {
                OutputSize::Exact(..) => reshaped(aspect, upright, shown),
                _ => aspect,
            },
            is_as_stored: rotation == Rotation::None && shown == source,
        })
    }

    /// Size of the frames that are encoded: 4:2:0 takes even sides only.
    pub(super) fn coded(&self) -> (u32, u32) {
        let (width, height) = self.shown;
        (width.next_multiple_of(2), height.next_multiple_of(2))
    }

    pub(super) fn viewport(&self) -> Result<Viewport, Error> {
        let (width, height) = self.shown;
        // Unknown shapes are square; absurd ones are those of damaged files.
        let aspect = match ratio(self.pixel_aspect) {
            aspect if aspect > 0.0 => aspect.clamp(*ASPECTS.start(), *ASPECTS.end()),
            _ => 1.0,
        };
        Viewport::with_pixel_aspect(width, height, aspect)
    }
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

/// Makes every frame an upright 8-bit 4:2:0 picture of one even size.
pub(super) struct Preparer {
    geometry: Geometry,
    scaler: Scaler,
}

impl Preparer {
    pub(super) fn new(geometry: Geometry) -> Self {
        Self {
            geometry,
            scaler: Scaler::default(),
        }
    }

    /// A frame that is as it must be is passed on as it is, unless it will be painted on and the
    /// decoder still refers to it. Others get memory of the pool.
    pub(super) fn prepare(
        &mut self,
        frame: frame::Video,
        will_paint: bool,
        pool: &Pool,
    ) -> Result<frame::Video, ffmpeg::Error> {
        let (width, height) = self.geometry.coded();
        let rotation = self.geometry.rotation;
        let mut frame = self.converted(frame)?;
        let fits = (frame.width(), frame.height()) == (width, height) && rotation == Rotation::None;
        if fits && (!will_paint || is_only_ours(&mut frame)) {
            return Ok(frame);
        }
        let mut out = pool.take(frame.format(), width, height);
        for plane in 0..3 {
            let shift = u32::from(plane > 0);
            let side = |length: u32| to_usize(length.div_ceil(1 << shift));
            let target = Raster {
                width: side(width),
                height: side(height),
                stride: out.stride(plane),
            };
            let source = Raster {
                width: side(frame.width()),
                height: side(frame.height()),
                stride: frame.stride(plane),
            };
            copy_rotated(
                frame.data(plane),
                source,
                out.data_mut(plane),
                target,
                rotation,
            );
        }
        copy_properties(&frame, &mut out);
        Ok(out)
    }

    /// The frame in 4:2:0 and of the size asked for.
    fn converted(&mut self, frame: frame::Video) -> Result<frame::Video, ffmpeg::Error> {
        let size = self.geometry.rotation.size(self.geometry.shown);
        let ready = matches!(
            frame.format(),
            format::Pixel::YUV420P | format::Pixel::YUVJ420P
        );
        if ready && (frame.width(), frame.height()) == size {
            return Ok(frame);
        }
        let target = if is_jpeg(frame.format()) {
            format::Pixel::YUVJ420P
        } else {
            format::Pixel::YUV420P
        };
        self.scaler.run(&frame, target, size)
    }
}

/// Converts frames to other formats and sizes, and keeps what their numbers mean.
#[derive(Default)]
pub(super) struct Scaler(Option<(scaling::Context, [Coding; 2])>);

impl Scaler {
    pub(super) fn run(
        &mut self,
        frame: &frame::Video,
        format: format::Pixel,
        (width, height): (u32, u32),
    ) -> Result<frame::Video, ffmpeg::Error> {
        let from = if is_yuv(frame.format()) {
            coding(frame)
        } else {
            Coding {
                weights: 5,
                full_range: true,
            }
        };
        let to = if is_yuv(frame.format()) && is_yuv(format) {
            Coding {
                full_range: from.full_range || is_jpeg(format),
                ..from
            }
        } else {
            Coding {
                weights: if height >= 720 { 1 } else { 5 },
                full_range: !is_yuv(format),
            }
        };
        let fits = |(scaler, codings): &(scaling::Context, [Coding; 2])| {
            let (a, b) = (scaler.input(), scaler.output());
            (a.format, a.width, a.height) == (frame.format(), frame.width(), frame.height())
                && (b.format, b.width, b.height) == (format, width, height)
                && *codings == [from, to]
        };
        if !self.0.as_ref().is_some_and(fits) {
            let mut scaler = scaling::Context::get(
                frame.format(),
                frame.width(),
                frame.height(),
                format,
                width,
                height,
                scaling::Flags::BICUBIC,
            )?;
            set_coding(&mut scaler, from, to);
            self.0 = Some((scaler, [from, to]));
        }
        let mut out = frame::Video::empty();
        if let Some((scaler, _)) = &mut self.0 {
            scaler.run(frame, &mut out)?;
        }
        copy_properties(frame, &mut out);
        if is_yuv(format) && !is_yuv(frame.format()) {
            tag_converted(&mut out);
        } else if is_jpeg(format) {
            out.set_color_range(ffmpeg::color::Range::JPEG);
        }
        Ok(out)
    }
}

fn to_usize(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// Names a full-range frame by a format that every encoder knows; the range is told by its tag.
pub(super) fn without_j(frame: &mut frame::Video) {
    if frame.format() == format::Pixel::YUVJ420P && is_full_range(frame) {
        frame.set_color_range(ffmpeg::color::Range::JPEG);
        frame.set_format(format::Pixel::YUV420P);
    }
}

/// A frame's planes for painting.
pub(super) struct FramePlanes<'a>(pub(super) &'a mut frame::Video);

impl Planes for FramePlanes<'_> {
    fn planes(&mut self) -> [Plane<'_>; 3] {
        planes_mut(self.0).map(|(data, stride)| Plane { data, stride })
    }
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
        let pal = |rotation, size| Geometry::new(rotation, (720, 576), aspect, size).unwrap();
        let square = pal(Rotation::None, OutputSize::Exact(640, 480));
        assert_eq!(square.pixel_aspect, Rational(1, 1));
        let turned = pal(Rotation::Quarter, OutputSize::Height(360));
        assert_eq!(
            (turned.shown, turned.pixel_aspect),
            ((288, 360), Rational(15, 16))
        );
        assert_eq!(pal(Rotation::None, OutputSize::Source).coded(), (720, 576));
        for size in [
            OutputSize::Exact(0, 480),
            OutputSize::Height(0),
            OutputSize::Height(20_000),
        ] {
            assert!(Geometry::new(Rotation::None, (720, 576), aspect, size).is_err());
        }
        let thin = reshaped(Rational(0, 1), (16_384, 1), (1, 16_384));
        // 2²⁸ does not fit; the shape is as near as the containers' numbers allow.
        assert_eq!(thin, Rational(32_768, 1));
    }
}
