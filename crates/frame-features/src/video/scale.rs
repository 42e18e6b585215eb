//! A decoded frame as RGB of the wanted size.

use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling::{Context, Flags};
use ffmpeg_next::util::color::Range;
use pulp::Arch;

use super::colour::Matrix;
use super::pixels::{Planes, Rows};
use super::row_scaler::RowScaler;
use super::units::side;

/// What [`StorePlan`](crate::StorePlan) says of it.
pub(crate) const DESCRIPTION: &str = "RGB, then antialiased bilinear";

/// Scales and converts frames; remakes its tables when frames change their size or format.
///
/// The usual planar formats go row by row from their planes into the scaled picture and lie nowhere
/// in between. Any other format is made one of those, or RGB, by `swscale` at its own size.
pub(super) struct Scaler {
    size: Option<(u32, u32)>,
    arch: Arch,
    rows: Rows,
    row_scaler: Option<([usize; 4], RowScaler)>,
    converter: Option<Context>,
    converted: Video,
}

impl Scaler {
    /// Scales to `size`, or leaves the size alone.
    pub(super) fn new(size: Option<(u32, u32)>) -> Self {
        Self {
            size,
            arch: Arch::new(),
            rows: Rows::default(),
            row_scaler: None,
            converter: None,
            converted: Video::empty(),
        }
    }

    /// A frame's pixels, three bytes each, with their width and height.
    pub(super) fn rgb(&mut self, frame: &Video) -> Result<(Vec<u8>, u32, u32), ffmpeg::Error> {
        let (width, height) = self.size.unwrap_or((frame.width(), frame.height()));
        if let Some(planes) = Planes::new(frame) {
            let matrix = planes.matrix(frame);
            return Ok((self.planar(frame, planes, &matrix), width, height));
        }
        let name = frame.format().descriptor().map_or("", |it| it.name());
        let difference_of_colours = ["yuv", "nv", "p0", "p2", "uyvy", "yvyu", "y2"];
        let rgb = if difference_of_colours.iter().any(|it| name.starts_with(it)) {
            let range = frame.color_range();
            let full = range == Range::JPEG || name.starts_with("yuvj");
            let matrix = Matrix::new(frame.color_space(), if full { Range::JPEG } else { range });
            self.convert(frame, Pixel::YUV444P)?;
            let converted = std::mem::replace(&mut self.converted, Video::empty());
            let planes = Planes::new(&converted).ok_or(ffmpeg::Error::Bug)?;
            let rgb = self.planar(&converted, planes, &matrix);
            self.converted = converted;
            rgb
        } else {
            self.convert(frame, Pixel::RGBA)?;
            let converted = std::mem::replace(&mut self.converted, Video::empty());
            let stride = converted.stride(0);
            let rgb = self.picture(&converted, |y, row| {
                let bytes = converted.data(0).get(y * stride..).unwrap_or_default();
                for (pixel, bytes) in row.iter_mut().zip(bytes.as_chunks().0) {
                    *pixel = u32::from_le_bytes(*bytes);
                }
            });
            self.converted = converted;
            rgb
        };
        Ok((rgb, width, height))
    }

    fn planar(&mut self, frame: &Video, planes: Planes, matrix: &Matrix) -> Vec<u8> {
        let mut rows = std::mem::take(&mut self.rows);
        let arch = self.arch;
        let rgb = self.picture(frame, |y, row| {
            rows.rgbx(frame, planes, matrix, y, arch, row);
        });
        self.rows = rows;
        rgb
    }

    /// Makes a picture of a frame's rows, scaled if that is wanted.
    fn picture(&mut self, frame: &Video, mut make: impl FnMut(usize, &mut [u32])) -> Vec<u8> {
        let from = [side(frame.width()), side(frame.height())];
        let to = self
            .size
            .map_or(from, |(width, height)| [side(width), side(height)]);
        if from == to {
            let mut rgb = vec![0; from[0] * from[1] * 3];
            let mut row = vec![0; from[0]];
            for (y, line) in rgb.chunks_exact_mut(from[0] * 3).enumerate() {
                make(y, &mut row);
                for (out, pixel) in line.as_chunks_mut::<3>().0.iter_mut().zip(&row) {
                    let [red, green, blue, _] = pixel.to_le_bytes();
                    *out = [red, green, blue];
                }
            }
            return rgb;
        }
        let sizes = [from[0], from[1], to[0], to[1]];
        let scaler = match &mut self.row_scaler {
            Some((of, scaler)) if *of == sizes => scaler,
            other => &mut other.insert((sizes, RowScaler::new(from, to))).1,
        };
        scaler.run(self.arch, make)
    }

    /// Has `swscale` make `converted` from a frame, at the same size.
    fn convert(&mut self, frame: &Video, format: Pixel) -> Result<(), ffmpeg::Error> {
        let size = (frame.width(), frame.height());
        let fits = self.converter.as_ref().is_some_and(|context| {
            let (input, output) = (context.input(), context.output());
            (input.format, input.width, input.height) == (frame.format(), size.0, size.1)
                && output.format == format
        });
        if !fits {
            self.converter = Some(Context::get(
                frame.format(),
                size.0,
                size.1,
                format,
                size.0,
                size.1,
                Flags::BILINEAR
                    | Flags::ACCURATE_RND
                    | Flags::FULL_CHR_H_INP
                    | Flags::FULL_CHR_H_INT,
            )?);
            self.converted = Video::empty();
        }
        let context = self.converter.as_mut().ok_or(ffmpeg::Error::Bug)?;
        context.run(frame, &mut self.converted)
    }
}
