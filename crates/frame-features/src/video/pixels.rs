//! A decoded frame's rows as red, green and blue.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::util::chroma::Location;
use ffmpeg_next::util::color::Range;
use pulp::{Arch, Simd, WithSimd};

use super::colour::Matrix;
use super::units::side;

/// How the planes of a frame lie in memory: luma, blue differences, red differences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Planes {
    /// Bits of a number: 8, or 9 to 12 in two bytes.
    bits: u32,
    /// Two pixels side by side share their colour differences.
    halved_across: bool,
    /// Two pixels one above the other share them.
    halved_down: bool,
    /// The format itself says that black and white are 0 and the largest number.
    full: bool,
}

impl Planes {
    /// Nothing for a format whose rows are not read here, but converted by `swscale` first.
    pub(super) fn new(frame: &Video) -> Option<Self> {
        use Pixel::{
            YUV420P, YUV420P9LE, YUV420P10LE, YUV420P12LE, YUV422P, YUV422P9LE, YUV422P10LE,
            YUV422P12LE, YUV440P, YUV444P, YUV444P9LE, YUV444P10LE, YUV444P12LE, YUVA420P,
            YUVA422P, YUVA444P, YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P,
        };
        let format = frame.format();
        let (bits, halved_across, halved_down) = match format {
            YUV420P | YUVJ420P | YUVA420P => (8, true, true),
            YUV422P | YUVJ422P | YUVA422P => (8, true, false),
            YUV440P | YUVJ440P => (8, false, true),
            YUV444P | YUVJ444P | YUVA444P => (8, false, false),
            YUV420P9LE => (9, true, true),
            YUV422P9LE => (9, true, false),
            YUV444P9LE => (9, false, false),
            YUV420P10LE => (10, true, true),
            YUV422P10LE => (10, true, false),
            YUV444P10LE => (10, false, false),
            YUV420P12LE => (12, true, true),
            YUV422P12LE => (12, true, false),
            YUV444P12LE => (12, false, false),
            _ => return None,
        };
        // Where rows lie from the bottom up FFmpeg's stride is negative, which does not fit here.
        let downwards = (0..3)
            .all(|plane| plane < frame.planes() && i32::try_from(frame.stride(plane)).is_ok());
        downwards.then_some(Self {
            bits,
            halved_across,
            halved_down,
            full: matches!(format, YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P),
        })
    }

    /// What the numbers mean.
    pub(super) fn matrix(self, frame: &Video) -> Matrix {
        let range = if self.full {
            Range::JPEG
        } else {
            frame.color_range()
        };
        Matrix::new(frame.color_space(), range)
    }
}

/// Where shared colour differences lie between the two pixels of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Siting {
    First,
    Middle,
    Second,
}

impl Siting {
    /// Across and down. A frame that does not say it has them in the middle, as in FFmpeg.
    fn new(location: Location) -> [Self; 2] {
        match location {
            Location::Left => [Self::First, Self::Middle],
            Location::TopLeft => [Self::First, Self::First],
            Location::BottomLeft => [Self::First, Self::Second],
            Location::Top => [Self::Middle, Self::First],
            Location::Bottom => [Self::Middle, Self::Second],
            Location::Center | Location::Unspecified => [Self::Middle, Self::Middle],
        }
    }

    /// Quarters of the value before and of the own one that make a pair's first pixel, and of the
    /// own and of the next one that make its second.
    fn quarters(self) -> [[u16; 2]; 2] {
        match self {
            Self::First => [[0, 4], [2, 2]],
            Self::Middle => [[1, 3], [3, 1]],
            Self::Second => [[2, 2], [4, 0]],
        }
    }
}

/// Rows of a frame on their way to red, green and blue; kept from row to row for their memory.
#[derive(Default)]
pub(super) struct Rows {
    luma: Vec<u16>,
    /// Colour differences between rows, in quarters, with the first and the last one doubled.
    between: Vec<u16>,
    /// Blue and red differences at every pixel, in sixteenths.
    differences: [Vec<u16>; 2],
}

impl Rows {
    /// Row `y` of a frame as pixels of four bytes: red, green, blue and one that means nothing.
    pub(super) fn rgbx(
        &mut self,
        frame: &Video,
        planes: Planes,
        matrix: &Matrix,
        y: usize,
        arch: Arch,
        pixels: &mut [u32],
    ) {
        let width = pixels.len();
        let [across, down] = Siting::new(frame.chroma_location());
        let halved = if planes.halved_across {
            width.div_ceil(2)
        } else {
            width
        };
        let [one, other] = if planes.halved_down {
            let own = y / 2;
            let last = side(frame.height()).div_ceil(2) - 1;
            let [first, second] = down.quarters();
            if y.is_multiple_of(2) {
                [(own.saturating_sub(1), first[0]), (own, first[1])]
            } else {
                [(own, second[0]), ((own + 1).min(last), second[1])]
            }
        } else {
            [(y, 4), (y, 0)]
        };
        self.luma.resize(width, 0);
        self.between.resize(halved + 2, 0);
        for differences in &mut self.differences {
            differences.resize(2 * halved, 0);
        }
        arch.dispatch(MakeRow {
            luma: row(frame, 0, y),
            differences: [1, 2].map(|plane| [row(frame, plane, one.0), row(frame, plane, other.0)]),
            quarters: [one.1, other.1],
            across: planes.halved_across.then(|| across.quarters()),
            bits: planes.bits,
            matrix: matrix.with_bits(planes.bits),
            rows: self,
            pixels,
        });
    }
}

/// One row's work, to be compiled for the vectors of the machine.
struct MakeRow<'a> {
    luma: &'a [u8],
    /// Of each difference the two rows that are mixed.
    differences: [[&'a [u8]; 2]; 2],
    quarters: [u16; 2],
    across: Option<[[u16; 2]; 2]>,
    bits: u32,
    matrix: Matrix,
    rows: &'a mut Rows,
    pixels: &'a mut [u32],
}

impl WithSimd for MakeRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Rows {
            luma,
            between,
            differences,
        } = self.rows;
        read(self.luma, self.bits, luma);
        for ([one, other], spread_out) in self.differences.into_iter().zip(&mut *differences) {
            let last = between.len() - 1;
            mix(one, other, self.quarters, self.bits, &mut between[1..last]);
            between[0] = between[1];
            between[last] = between[last - 1];
            match self.across {
                Some(quarters) => spread(between, quarters, spread_out),
                None => {
                    for (all, quarters) in spread_out.iter_mut().zip(&between[1..]) {
                        *all = quarters.wrapping_mul(4);
                    }
                }
            }
        }
        let [cb, cr] = differences;
        self.matrix.row(luma, cb, cr, self.pixels);
    }
}

/// A row of a plane and what lies behind it.
fn row(frame: &Video, plane: usize, y: usize) -> &[u8] {
    frame
        .data(plane)
        .get(y * frame.stride(plane)..)
        .unwrap_or_default()
}

#[inline(always)]
fn read(bytes: &[u8], bits: u32, values: &mut [u16]) {
    if bits == 8 {
        for (value, &byte) in values.iter_mut().zip(bytes) {
            *value = byte.into();
        }
    } else {
        for (value, bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
            *value = u16::from_le_bytes(*bytes);
        }
    }
}

/// Mixes two rows in quarters. Numbers of up to 12 bits cannot overflow.
#[inline(always)]
fn mix(one: &[u8], other: &[u8], quarters: [u16; 2], bits: u32, mixed: &mut [u16]) {
    let [weight, other_weight] = quarters;
    let quarters = |one: u16, other: u16| {
        let (one, other) = (one.wrapping_mul(weight), other.wrapping_mul(other_weight));
        one.wrapping_add(other)
    };
    if bits == 8 {
        for (mixed, (&one, &other)) in mixed.iter_mut().zip(one.iter().zip(other)) {
            *mixed = quarters(one.into(), other.into());
        }
    } else {
        let pairs = one.as_chunks().0.iter().zip(other.as_chunks().0);
        for (mixed, (one, other)) in mixed.iter_mut().zip(pairs) {
            *mixed = quarters(u16::from_le_bytes(*one), u16::from_le_bytes(*other));
        }
    }
}

/// From one value for each pair of pixels, in quarters, to one for each pixel, in sixteenths.
#[inline(always)]
fn spread(between: &[u16], quarters: [[u16; 2]; 2], pixels: &mut [u16]) {
    let [[before_first, own_first], [own_second, next_second]] = quarters;
    let before = between.iter();
    let own = between.iter().skip(1);
    let next = between.iter().skip(2);
    let (pairs, _) = pixels.as_chunks_mut::<2>();
    for (pair, ((before, own), next)) in pairs.iter_mut().zip(before.zip(own).zip(next)) {
        pair[0] = before
            .wrapping_mul(before_first)
            .wrapping_add(own.wrapping_mul(own_first));
        pair[1] = own
            .wrapping_mul(own_second)
            .wrapping_add(next.wrapping_mul(next_second));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of 4x2 pixels and 2x1 colour differences.
    fn frame(format: Pixel) -> Video {
        let mut frame = Video::new(format, 4, 2);
        let stride = frame.stride(0);
        frame.data_mut(0)[..4].copy_from_slice(&[16, 81, 126, 235]);
        frame.data_mut(0)[stride..stride + 4].copy_from_slice(&[16; 4]);
        frame.data_mut(1)[..2].copy_from_slice(&[128, 128]);
        frame.data_mut(2)[..2].copy_from_slice(&[128, 128]);
        frame
    }

    fn rgb(frame: &Video, y: usize) -> Vec<[u8; 3]> {
        let planes = Planes::new(frame).expect("its rows are read here");
        let matrix = planes.matrix(frame);
        let mut pixels = vec![0; 4];
        Rows::default().rgbx(frame, planes, &matrix, y, Arch::new(), &mut pixels);
        let bytes = pixels.iter().map(|pixel| pixel.to_le_bytes());
        bytes
            .map(|[red, green, blue, _]| [red, green, blue])
            .collect()
    }

    /// Limited range: 16 is black, 235 white; (81 - 16) 255 / 219 = 75.7, (126 - 16) … = 128.1.
    #[test]
    fn grey_is_grey() {
        let frame = frame(Pixel::YUV420P);
        assert_eq!(rgb(&frame, 0), [[0; 3], [76; 3], [128; 3], [255; 3]]);
        assert_eq!(rgb(&frame, 1), [[0; 3]; 4]);
    }

    /// Between differences of 0 and 16 there are 4 and 12 where they lie in the middle of their
    /// pair, and 8 after the first where each lies at its pair's first pixel.
    #[test]
    fn differences_are_spread_from_where_they_lie() {
        let spread = |siting| {
            let mut pixels = [0; 4];
            super::spread(
                &[0, 0, 16 * 4, 16 * 4],
                Siting::quarters(siting),
                &mut pixels,
            );
            pixels.map(|sixteenths| sixteenths / 16)
        };
        assert_eq!(spread(Siting::Middle), [0, 4, 12, 16]);
        assert_eq!(spread(Siting::First), [0, 8, 16, 16]);
        assert_eq!(spread(Siting::Second), [0, 0, 8, 16]);
    }

    #[test]
    fn ten_bits_are_the_same_picture() {
        let mut frame = Video::new(Pixel::YUV420P10LE, 4, 2);
        let numbers = |numbers: &[u16]| -> Vec<u8> {
            numbers
                .iter()
                .flat_map(|number| (number * 4).to_le_bytes())
                .collect()
        };
        frame.data_mut(0)[..8].copy_from_slice(&numbers(&[16, 81, 126, 235]));
        frame.data_mut(1)[..4].copy_from_slice(&numbers(&[128, 128]));
        frame.data_mut(2)[..4].copy_from_slice(&numbers(&[128, 128]));
        assert_eq!(rgb(&frame, 0), [[0; 3], [76; 3], [128; 3], [255; 3]]);
    }

    #[test]
    fn other_formats_are_left_to_swscale() {
        for format in [Pixel::RGB24, Pixel::NV12, Pixel::YUV420P16LE, Pixel::PAL8] {
            assert_eq!(Planes::new(&Video::new(format, 4, 2)), None, "{format:?}");
        }
    }
}
