//! A decoded frame as RGB of the wanted size.

use video_rs::ffmpeg::format::Pixel;
use video_rs::ffmpeg::frame::Video;
use video_rs::ffmpeg::software::scaling::{Context, Flags};
use video_rs::ffmpeg::util::color::Range;
use video_rs::ffmpeg::{self};

use super::colour::Matrix;
use super::info::side;

/// What [`StorePlan`](crate::StorePlan) says of it.
pub(crate) const DESCRIPTION: &str = "swscale bilinear, planes apart, then to RGB";

/// Scales and converts frames; remakes its tables when frames change their size or format.
///
/// `swscale`'s bilinear filter is a triangle as wide as the scale when it makes pictures smaller,
/// so it does not alias. Luma and colour differences are scaled apart, and only then made into RGB
/// by the frame's own matrix and range, which `swscale`'s safe interface cannot be told.
pub(super) struct Scaler {
    size: Option<(u32, u32)>,
    context: Option<Context>,
    scaled: Video,
}

impl Scaler {
    /// Scales to `size`, or leaves the size alone.
    pub(super) fn new(size: Option<(u32, u32)>) -> Self {
        Self {
            size,
            context: None,
            scaled: Video::empty(),
        }
    }

    /// A frame's pixels, three bytes each, with their width and height.
    pub(super) fn rgb(&mut self, frame: &Video) -> Result<(Vec<u8>, u32, u32), ffmpeg::Error> {
        let (width, height) = self.size.unwrap_or((frame.width(), frame.height()));
        let format = frame.format();
        let name = format.descriptor().map_or("", |format| format.name());
        let full_by_name = name.starts_with("yuvj");
        let planar = match name {
            _ if full_by_name => Pixel::YUVJ444P,
            _ if ["yuv", "nv", "p0", "p2", "uyvy", "yvyu", "y2"]
                .iter()
                .any(|start| name.starts_with(start)) =>
            {
                Pixel::YUV444P
            }
            _ => Pixel::RGB24,
        };
        let fits = self.context.as_ref().is_some_and(|context| {
            let input = context.input();
            let output = context.output();
            (input.format, input.width, input.height) == (format, frame.width(), frame.height())
                && (output.format, output.width, output.height) == (planar, width, height)
        });
        if !fits {
            self.context = Some(Context::get(
                format,
                frame.width(),
                frame.height(),
                planar,
                width,
                height,
                Flags::BILINEAR
                    | Flags::ACCURATE_RND
                    | Flags::FULL_CHR_H_INP
                    | Flags::FULL_CHR_H_INT,
            )?);
            self.scaled = Video::empty();
        }
        let context = self.context.as_mut().ok_or(ffmpeg::Error::Bug)?;
        context.run(frame, &mut self.scaled)?;
        let rgb = if planar == Pixel::RGB24 {
            rows(&self.scaled, 0, side(width) * 3)
                .flatten()
                .copied()
                .collect()
        } else {
            let range = if full_by_name {
                Range::JPEG
            } else {
                frame.color_range()
            };
            let matrix = Matrix::new(frame.color_space(), range);
            let mut rgb = Vec::with_capacity(side(width) * side(height) * 3);
            let plane = |index| rows(&self.scaled, index, side(width));
            for ((luma, cb), cr) in plane(0).zip(plane(1)).zip(plane(2)) {
                matrix.append_row(luma, cb, cr, &mut rgb);
            }
            rgb
        };
        Ok((rgb, width, height))
    }
}

/// The rows of a plane, without the padding behind them.
fn rows(frame: &Video, plane: usize, bytes: usize) -> impl Iterator<Item = &[u8]> {
    frame
        .data(plane)
        .chunks(frame.stride(plane).max(1))
        .take(side(frame.height()))
        .map(move |row| &row[..bytes.min(row.len())])
}
