//! Frames made ready to be painted on.

use std::marker::PhantomData;

use bytemuck::Pod;
use ffmpeg_next::{self as ffmpeg, format, frame, software::scaling};

use super::colors::{coding, is_full_range, is_jpeg, is_yuv, tag_converted};
use super::ffi::{Coding, copy_properties, is_only_ours, is_top_down, planes_mut, set_coding};
use super::geometry::Geometry;
use super::paint_format::{PaintFormat, SEMI_PLANAR_10, in_planes};
use super::pool::Pool;
use super::rotation::{Raster, Rotation, copy_rotated};
use crate::draw::planes::{Plane, Planes, Subsampling};
use crate::draw::sample::Sample;

/// Makes every frame an upright picture of one even size and one format, with its bars.
pub(super) struct Preparer {
    geometry: Geometry,
    format: PaintFormat,
    scaler: Scaler,
}

impl Preparer {
    pub(super) fn new(geometry: Geometry, format: PaintFormat) -> Self {
        Self {
            geometry,
            format,
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
        let mut frame = self.converted(frame, pool)?;
        let fits = (frame.width(), frame.height()) == (width, height) && rotation == Rotation::None;
        let can_paint = |frame: &mut frame::Video| is_only_ours(frame) && is_aligned(frame);
        if fits && (!will_paint || can_paint(&mut frame)) {
            return Ok(frame);
        }
        let mut out = pool.take(frame.format(), width, height);
        for plane in 0..3 {
            match self.format.bytes() {
                1 => self.place::<1>(&frame, &mut out, plane),
                _ => self.place::<2>(&frame, &mut out, plane),
            }
        }
        copy_properties(&frame, &mut out);
        Ok(out)
    }

    /// Puts a plane into its place in a larger or turned frame, with samples of so many bytes.
    fn place<const BYTES: usize>(&self, frame: &frame::Video, out: &mut frame::Video, plane: usize)
    where
        [u8; BYTES]: Default,
    {
        let (across, down) = match plane {
            0 => (false, false),
            _ => self.format.chroma.halves(),
        };
        let side = |length: u32, halved: bool| to_usize(length.div_ceil(1 << u32::from(halved)));
        let raster = |(width, height): (u32, u32), stride: usize| Raster {
            width: side(width, across),
            height: side(height, down),
            stride: stride / BYTES,
        };
        let whole = raster(self.geometry.coded(), out.stride(plane));
        let source = raster((frame.width(), frame.height()), frame.stride(plane));
        let black = self.black(frame, plane);
        let mut to: &mut [[u8; BYTES]] = out.data_mut(plane).as_chunks_mut().0;
        let mut target = whole;
        if self.geometry.has_bars() {
            let picture = self.geometry.picture;
            target = Raster {
                stride: whole.stride,
                ..raster(picture.size(), 0)
            };
            let at = (side(picture.left, across), side(picture.top, down));
            let mut sample = [0; BYTES];
            sample.copy_from_slice(&native_bytes(black)[..BYTES]);
            fill_around(to, whole, (at, target), sample);
            to = &mut to[at.1 * whole.stride + at.0..];
        }
        let from = frame.data(plane).as_chunks().0;
        copy_rotated(from, source, to, target, self.geometry.rotation);
    }

    /// The sample that is black in a plane of a frame.
    fn black(&self, frame: &frame::Video, plane: usize) -> u16 {
        let steps = self.format.bits - 8;
        match plane {
            0 if is_full_range(frame) => 0,
            0 => 16 << steps,
            _ => 128 << steps,
        }
    }

    /// The frame in the format and of the size asked for, with its rows downwards.
    fn converted(
        &mut self,
        frame: frame::Video,
        pool: &Pool,
    ) -> Result<frame::Video, ffmpeg::Error> {
        let size = self.geometry.rotation.size(self.geometry.picture.size());
        let wanted = self.format.pixel();
        let own = frame.format();
        let is_in_place = (frame.width(), frame.height()) == size && is_top_down(&frame);
        let is_ready =
            own == wanted || (wanted == format::Pixel::YUV420P && own == format::Pixel::YUVJ420P);
        if is_ready && is_in_place {
            return Ok(frame);
        }
        if own == SEMI_PLANAR_10 && is_in_place && wanted == in_planes(own) {
            return Ok(taken_apart(&frame, pool)); // a scaler would round
        }
        let target = if wanted == format::Pixel::YUV420P && is_jpeg(own) {
            format::Pixel::YUVJ420P
        } else {
            wanted
        };
        self.scaler.run(&frame, target, size)
    }
}

/// A frame of 10 bits with both planes of chroma in one and samples in the upper bits, as one of
/// three planes.
fn taken_apart(frame: &frame::Video, pool: &Pool) -> frame::Video {
    let (width, height) = (frame.width(), frame.height());
    let mut out = pool.take(in_planes(frame.format()), width, height);
    let (columns, rows) = (to_usize(width), to_usize(height));
    let (half_columns, half_rows) = (columns.div_ceil(2), rows.div_ceil(2));
    for (plane, columns, rows, source, first, step) in [
        (0, columns, rows, 0, 0, 1),
        (1, half_columns, half_rows, 1, 0, 2),
        (2, half_columns, half_rows, 1, 1, 2),
    ] {
        let (stride, from_stride) = (out.stride(plane), frame.stride(source));
        let to = out.data_mut(plane).chunks_mut(stride);
        let from = frame.data(source).chunks(from_stride);
        for (to, from) in to.zip(from).take(rows) {
            let to = to.as_chunks_mut::<2>().0[..columns].iter_mut();
            let from = from.as_chunks::<2>().0[first..].iter().step_by(step);
            for (to, from) in to.zip(from) {
                *to = (u16::from_ne_bytes(*from) >> 6).to_ne_bytes();
            }
        }
    }
    copy_properties(frame, &mut out);
    out
}

/// A sample's bytes as they are in memory, those of a single one first.
fn native_bytes(sample: u16) -> [u8; 2] {
    match u8::try_from(sample) {
        Ok(byte) if cfg!(target_endian = "big") => [byte, 0],
        _ => sample.to_ne_bytes(),
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

/// Fills a plane around a rectangle of it.
fn fill_around<S: Copy>(
    plane: &mut [S],
    whole: Raster,
    ((left, top), inside): ((usize, usize), Raster),
    sample: S,
) {
    let rows = plane.chunks_mut(whole.stride).take(whole.height);
    for (y, row) in rows.enumerate() {
        let row = &mut row[..whole.width];
        if (top..top + inside.height).contains(&y) {
            row[..left].fill(sample);
            row[left + inside.width..].fill(sample);
        } else {
            row.fill(sample);
        }
    }
}

/// Whether samples of two bytes lie where such do; frames of raw video may begin anywhere.
fn is_aligned(frame: &mut frame::Video) -> bool {
    let is = |(data, stride): (&mut [u8], usize)| {
        stride.is_multiple_of(2) && data.as_ptr().addr().is_multiple_of(2)
    };
    is_of_bytes(frame) || planes_mut(frame).into_iter().all(is)
}

fn is_of_bytes(frame: &frame::Video) -> bool {
    matches!(
        frame.format(),
        format::Pixel::YUV420P | format::Pixel::YUVJ420P
    )
}

/// A frame's planes for painting, from a pixel of even coordinates on, with samples of type `S`.
pub(super) struct FramePlanes<'a, S> {
    frame: &'a mut frame::Video,
    chroma: Subsampling,
    corner: (usize, usize),
    sample: PhantomData<S>,
}

impl<'a, S> FramePlanes<'a, S> {
    pub(super) fn new(
        frame: &'a mut frame::Video,
        format: PaintFormat,
        (left, top): (u32, u32),
    ) -> Self {
        Self {
            frame,
            chroma: format.chroma,
            corner: (to_usize(left), to_usize(top)),
            sample: PhantomData,
        }
    }
}

impl<S: Sample + Pod> Planes for FramePlanes<'_, S> {
    type Sample = S;

    fn subsampling(&self) -> Subsampling {
        self.chroma
    }

    fn planes(&mut self) -> [Plane<'_, S>; 3] {
        let (left, top) = self.corner;
        let (across, down) = self.chroma.halves();
        let chroma = (left >> u32::from(across), top >> u32::from(down));
        let mut corners = [(left, top), chroma, chroma].into_iter();
        planes_mut(self.frame).map(|(data, stride)| {
            let (left, top) = corners.next().unwrap_or_default();
            let stride = stride / size_of::<S>();
            let samples: &mut [S] = bytemuck::try_cast_slice_mut(data)
                .expect("frames that are not aligned were copied");
            Plane {
                data: &mut samples[top * stride + left..],
                stride,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::{FrameShape, OutputSize};
    use super::*;
    use crate::draw::planes::Subsampling;

    /// As FFmpeg does with raw video whose rows go from the bottom up.
    #[expect(unsafe_code, reason = "FFmpeg's bindings have no setters")]
    fn turn_over(frame: &mut frame::Video) {
        let last = frame.stride(0) * (to_usize(frame.height()) - 1);
        // SAFETY: the last row lies in the plane, and the plane's memory is counted elsewhere.
        unsafe {
            let frame = frame.as_mut_ptr();
            (*frame).data[0] = (*frame).data[0].add(last);
            (*frame).linesize[0] = -(*frame).linesize[0];
        }
    }

    /// Luma of rows 20, 30, … is seen from the last row on.
    #[test]
    fn rows_that_go_upwards_are_painted_on_as_they_are_seen() {
        let mut frame = frame::Video::new(format::Pixel::YUV420P, 16, 16);
        let stride = frame.stride(0);
        let rows = frame.data_mut(0).chunks_mut(stride).take(16);
        for (luma, row) in (20..).step_by(10).zip(rows) {
            row.fill(luma);
        }
        for plane in [1, 2] {
            frame.data_mut(plane).fill(128);
        }
        turn_over(&mut frame);
        let shape = (OutputSize::Source, FrameShape::Picture);
        let one = ffmpeg::Rational(1, 1);
        let geometry = Geometry::new(Rotation::None, (16, 16), one, shape).unwrap();
        let mut preparer = Preparer::new(geometry, PaintFormat::USUAL);
        let mut ready = preparer.prepare(frame, true, &Pool::default()).unwrap();
        let [(luma, stride), ..] = planes_mut(&mut ready);
        let first: Vec<u8> = luma.chunks(stride).take(16).map(|row| row[0]).collect();
        for (row, luma) in first.iter().enumerate() {
            let expected = 170 - 10 * u8::try_from(row).unwrap();
            assert!(luma.abs_diff(expected) <= 1, "{first:?}");
        }
    }

    /// 6x4 samples of 10 bits in the upper bits of 16: luma by row, Cb and Cr beside each other.
    #[test]
    fn planes_of_hardware_are_taken_apart_without_loss() {
        let sample = |plane: usize, x: usize, y: usize| {
            let sample = plane * 300 + y * 40 + x * 3 + 1;
            u16::try_from(sample).unwrap()
        };
        let mut frame = frame::Video::new(SEMI_PLANAR_10, 6, 4);
        for (plane, columns, rows) in [(0, 6, 4), (1, 6, 2)] {
            let stride = frame.stride(plane);
            for (y, row) in frame
                .data_mut(plane)
                .chunks_mut(stride)
                .take(rows)
                .enumerate()
            {
                let samples = row.as_chunks_mut::<2>().0[..columns].iter_mut();
                for (x, to) in samples.enumerate() {
                    let value = match plane {
                        0 => sample(0, x, y),
                        _ => sample(1 + x % 2, x / 2, y),
                    };
                    *to = (value << 6).to_ne_bytes();
                }
            }
        }
        let format = PaintFormat {
            bits: 10,
            chroma: Subsampling::Both,
        };
        let apart = taken_apart(&frame, &Pool::default());
        assert_eq!(apart.format(), format.pixel());
        for (plane, columns, rows) in [(0, 6, 4), (1, 3, 2), (2, 3, 2)] {
            let rows = apart.data(plane).chunks(apart.stride(plane)).take(rows);
            for (y, row) in rows.enumerate() {
                for (x, bytes) in row.as_chunks().0[..columns].iter().enumerate() {
                    assert_eq!(u16::from_ne_bytes(*bytes), sample(plane, x, y));
                }
            }
        }
    }
}
