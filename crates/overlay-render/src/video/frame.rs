//! Frames made ready to be painted on.

use video_rs::ffmpeg::{
    self, chroma, codec::packet::side_data, color, format, frame, software::scaling,
};

use crate::yuv::{Plane, Planes};
use crate::{ChromaSiting, Matrix, YuvColors};

/// How far a picture must be turned, clockwise, to stand upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Turn {
    /// What the stream's display matrix says, to the nearest quarter.
    pub(super) fn of(stream: &format::stream::Stream<'_>) -> Self {
        let matrix = stream
            .side_data()
            .find(|data| data.kind() == side_data::Type::DisplayMatrix);
        matrix.map_or(Self::None, |matrix| Self::of_matrix(matrix.data()))
    }

    /// The matrix is nine 16.16 numbers; its first column turns the x axis.
    fn of_matrix(bytes: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = bytes.get(at * 4..at * 4 + 4)?;
            Some(f64::from(i32::from_ne_bytes(bytes.try_into().ok()?)))
        };
        let (Some(a), Some(b)) = (number(0), number(1)) else {
            return Self::None;
        };
        let degrees = b.atan2(a).to_degrees().rem_euclid(360.0);
        if (45.0..135.0).contains(&degrees) {
            Self::Quarter
        } else if (135.0..225.0).contains(&degrees) {
            Self::Half
        } else if (225.0..315.0).contains(&degrees) {
            Self::ThreeQuarters
        } else {
            Self::None
        }
    }

    fn is_sideways(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }
}

/// Makes every frame an upright 8-bit 4:2:0 picture of one even size.
pub(super) struct Preparer {
    turn: Turn,
    /// Size of the picture upright, before it is made even.
    shown: Option<(u32, u32)>,
    scaler: Option<scaling::Context>,
}

impl Preparer {
    pub(super) fn new(turn: Turn) -> Self {
        Self {
            turn,
            shown: None,
            scaler: None,
        }
    }

    /// Whether width and height change places.
    pub(super) fn is_sideways(&self) -> bool {
        self.turn.is_sideways()
    }

    /// The picture's size upright, that of the first frame.
    pub(super) fn shown(&mut self, frame: &frame::Video) -> (u32, u32) {
        let turn = self.turn;
        *self
            .shown
            .get_or_insert_with(|| upright(turn, frame.width(), frame.height()))
    }

    /// Size of the frames that come out: H.264 in 4:2:0 takes even sides only.
    pub(super) fn coded(&mut self, frame: &frame::Video) -> (u32, u32) {
        let (width, height) = self.shown(frame);
        (width.next_multiple_of(2), height.next_multiple_of(2))
    }

    /// A frame that is as it must be is passed on as it is, if it will not be painted on: the decoder still refers to it.
    pub(super) fn prepare(
        &mut self,
        frame: frame::Video,
        will_paint: bool,
    ) -> Result<frame::Video, ffmpeg::Error> {
        let (width, height) = self.coded(&frame);
        let frame = self.converted(frame)?;
        let fits = (frame.width(), frame.height()) == (width, height) && self.turn == Turn::None;
        if fits && !will_paint {
            return Ok(frame);
        }
        let mut out = frame::Video::new(frame.format(), width, height);
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
            copy_turned(
                frame.data(plane),
                source,
                out.data_mut(plane),
                target,
                self.turn,
            );
        }
        copy_tags(&frame, &mut out);
        Ok(out)
    }

    /// The frame in 4:2:0, and scaled if the size changed in the middle of the video.
    fn converted(&mut self, frame: frame::Video) -> Result<frame::Video, ffmpeg::Error> {
        let (width, height) = self.shown(&frame);
        let (width, height) = upright(self.turn, width, height);
        let ready = matches!(
            frame.format(),
            format::Pixel::YUV420P | format::Pixel::YUVJ420P
        );
        if ready && (frame.width(), frame.height()) == (width, height) {
            return Ok(frame);
        }
        // The scaler goes by formats: it knows no full range but that of the "J" ones, and takes RGB to limited BT.601.
        let target = if is_jpeg(frame.format()) {
            format::Pixel::YUVJ420P
        } else {
            format::Pixel::YUV420P
        };
        let flags = scaling::Flags::BICUBIC;
        let (format, from_width, from_height) = (frame.format(), frame.width(), frame.height());
        match &mut self.scaler {
            Some(scaler) => scaler.cached(
                format,
                from_width,
                from_height,
                target,
                width,
                height,
                flags,
            ),
            none => {
                *none = Some(scaling::Context::get(
                    format,
                    from_width,
                    from_height,
                    target,
                    width,
                    height,
                    flags,
                )?);
            }
        }
        let mut out = frame::Video::empty();
        if let Some(scaler) = &mut self.scaler {
            scaler.run(&frame, &mut out)?;
        }
        copy_tags(&frame, &mut out);
        if !is_yuv(frame.format()) {
            out.set_color_space(color::Space::SMPTE170M);
            out.set_color_range(color::Range::MPEG);
        }
        Ok(out)
    }
}

fn upright(turn: Turn, width: u32, height: u32) -> (u32, u32) {
    if turn.is_sideways() {
        (height, width)
    } else {
        (width, height)
    }
}

fn to_usize(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn copy_tags(from: &frame::Video, to: &mut frame::Video) {
    to.set_color_space(from.color_space());
    to.set_color_range(from.color_range());
    to.set_color_primaries(from.color_primaries());
    to.set_color_transfer_characteristic(from.color_transfer_characteristic());
}

/// Size of a plane and bytes from row to row.
#[derive(Clone, Copy)]
struct Raster {
    width: usize,
    height: usize,
    stride: usize,
}

/// Copies a plane, turned; what the target has more is filled with the last row and column.
fn copy_turned(from: &[u8], source: Raster, to: &mut [u8], target: Raster, turn: Turn) {
    let (last_x, last_y) = (
        source.width.saturating_sub(1),
        source.height.saturating_sub(1),
    );
    for y in 0..target.height {
        let row = &mut to[y * target.stride..][..target.width];
        if turn == Turn::None {
            let start = y.min(last_y) * source.stride;
            let line = &from[start..start + source.width];
            let shared = row.len().min(line.len());
            row[..shared].copy_from_slice(&line[..shared]);
            let last = line.last().copied().unwrap_or(0);
            row[shared..].fill(last);
            continue;
        }
        for (x, pixel) in row.iter_mut().enumerate() {
            let (sx, sy) = match turn {
                Turn::None => (x, y),
                Turn::Quarter => (y.min(last_x), last_y.saturating_sub(x)),
                Turn::Half => (last_x.saturating_sub(x), last_y.saturating_sub(y)),
                Turn::ThreeQuarters => (last_x.saturating_sub(y), x.min(last_y)),
            };
            *pixel = from[sy * source.stride + sx];
        }
    }
}

fn is_full_range(frame: &frame::Video) -> bool {
    frame.color_range() == color::Range::JPEG || is_jpeg(frame.format())
}

/// Whether a format has the full range by itself.
fn is_jpeg(format: format::Pixel) -> bool {
    use format::Pixel::{YUVJ411P, YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P};
    matches!(format, YUVJ411P | YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P)
}

/// Whether a format stores luma and chroma, and not RGB, a palette or grey.
fn is_yuv(format: format::Pixel) -> bool {
    let prefixes = [
        "yuv", "yuy", "yvy", "uy", "nv", "p0", "p2", "p4", "y2", "xv", "vuy", "ayuv",
    ];
    let name = format
        .descriptor()
        .map_or("", |descriptor| descriptor.name());
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// How the frame's colours are stored: as it says, or BT.601 below 720 rows and BT.709 from there on.
pub(super) fn colors(frame: &frame::Video, location: chroma::Location) -> YuvColors {
    use color::Space::{BT470BG, BT709, BT2020CL, BT2020NCL, FCC, SMPTE170M, SMPTE240M};
    let matrix = match frame.color_space() {
        BT709 => Matrix::Bt709,
        BT470BG | SMPTE170M | SMPTE240M | FCC => Matrix::Bt601,
        BT2020NCL | BT2020CL => Matrix::Bt2020,
        _ if frame.height() >= 720 => Matrix::Bt709,
        _ => Matrix::Bt601,
    };
    let siting = match location {
        chroma::Location::Center | chroma::Location::Top | chroma::Location::Bottom => {
            ChromaSiting::Center
        }
        _ => ChromaSiting::Left,
    };
    YuvColors {
        matrix,
        full_range: is_full_range(frame),
        siting,
    }
}

/// A frame's planes for painting.
pub(super) struct FramePlanes<'a>(pub(super) &'a mut frame::Video);

impl Planes for FramePlanes<'_> {
    fn plane(&mut self, index: usize) -> Plane<'_> {
        let stride = self.0.stride(index);
        Plane {
            data: self.0.data_mut(index),
            stride,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32) -> Vec<u8> {
        [a, b, 0, -b, a, 0, 0, 0, 1 << 30]
            .iter()
            .flat_map(|n| n.to_ne_bytes())
            .collect()
    }

    #[test]
    fn display_matrices_are_quarter_turns() {
        let one = 1 << 16;
        assert_eq!(Turn::of_matrix(&matrix(one, 0)), Turn::None);
        assert_eq!(Turn::of_matrix(&matrix(0, one)), Turn::Quarter);
        assert_eq!(Turn::of_matrix(&matrix(-one, 0)), Turn::Half);
        assert_eq!(Turn::of_matrix(&matrix(0, -one)), Turn::ThreeQuarters);
        assert_eq!(Turn::of_matrix(&[1, 2, 3]), Turn::None);
    }

    /// A plane of 3x2, turned clockwise by a quarter: the first column read upwards becomes the first row.
    #[test]
    fn planes_turn_clockwise() {
        let from = [1, 2, 3, 4, 5, 6];
        let source = Raster {
            width: 3,
            height: 2,
            stride: 3,
        };
        let turned = |turn, width, height| {
            let mut to = vec![0; width * height];
            copy_turned(
                &from,
                source,
                &mut to,
                Raster {
                    width,
                    height,
                    stride: width,
                },
                turn,
            );
            to
        };
        assert_eq!(turned(Turn::Quarter, 2, 3), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(Turn::Half, 3, 2), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(Turn::ThreeQuarters, 2, 3), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(Turn::None, 4, 2), [1, 2, 3, 3, 4, 5, 6, 6]);
    }
}
