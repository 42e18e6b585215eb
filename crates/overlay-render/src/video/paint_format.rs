//! Formats of pictures that are painted on: planes of luma and chroma, of 8, 10 or 12 bits a sample.

use ffmpeg_next::format::Pixel;
#[cfg(target_endian = "big")]
use ffmpeg_next::format::Pixel::{
    P010BE as P010, YUV420P10BE as YUV420P10, YUV420P12BE as YUV420P12, YUV422P10BE as YUV422P10,
    YUV422P12BE as YUV422P12, YUV444P10BE as YUV444P10, YUV444P12BE as YUV444P12,
};
#[cfg(target_endian = "little")]
use ffmpeg_next::format::Pixel::{
    P010LE as P010, YUV420P10LE as YUV420P10, YUV420P12LE as YUV420P12, YUV422P10LE as YUV422P10,
    YUV422P12LE as YUV422P12, YUV444P10LE as YUV444P10, YUV444P12LE as YUV444P12,
};

use super::colors::{depth_and_alpha, is_yuv};
use crate::draw::planes::Subsampling;

/// 10 bits with both planes of chroma in one, in the upper bits, as hardware has it.
pub(super) const SEMI_PLANAR_10: Pixel = P010;

/// The format with a plane for each that holds what one with both planes of chroma in one does.
pub(super) fn in_planes(together: Pixel) -> Pixel {
    if together == SEMI_PLANAR_10 {
        YUV420P10
    } else {
        Pixel::YUV420P
    }
}

/// How pictures are painted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PaintFormat {
    /// Of a sample: 8, 10 or 12.
    pub(super) bits: u8,
    pub(super) chroma: Subsampling,
}

/// Those that there are, with FFmpeg's names.
const FORMATS: [(PaintFormat, Pixel); 7] = {
    use Subsampling::{Both, Horizontal, None};
    const fn named(bits: u8, chroma: Subsampling, pixel: Pixel) -> (PaintFormat, Pixel) {
        (PaintFormat { bits, chroma }, pixel)
    }
    [
        named(8, Both, Pixel::YUV420P),
        named(10, Both, YUV420P10),
        named(10, Horizontal, YUV422P10),
        named(10, None, YUV444P10),
        named(12, Both, YUV420P12),
        named(12, Horizontal, YUV422P12),
        named(12, None, YUV444P12),
    ]
};

impl PaintFormat {
    /// What pictures of 8 bits are painted in, and those for encoders that have no more.
    pub(super) const USUAL: Self = Self {
        bits: 8,
        chroma: Subsampling::Both,
    };

    /// The format in which a source keeps most of what it has, of those that `takes` accepts: its
    /// bits before its chroma. Pictures of 8 bits are painted in the usual one.
    pub(super) fn of_source(source: Pixel, takes: impl Fn(Self) -> bool) -> Self {
        let (bits, ..) = depth_and_alpha(source);
        if bits <= 8 {
            return Self::USUAL;
        }
        let depths: [u8; 2] = if bits <= 10 { [10, 12] } else { [12, 10] };
        let own = chroma(source);
        let chromas = [
            own,
            Subsampling::Horizontal,
            Subsampling::Both,
            Subsampling::None,
        ];
        let wanted = depths
            .into_iter()
            .flat_map(|bits| chromas.map(|chroma| Self { bits, chroma }));
        let mut wanted = wanted.into_iter();
        wanted.find(|&format| takes(format)).unwrap_or(Self::USUAL)
    }

    /// FFmpeg's name for it.
    pub(super) fn pixel(self) -> Pixel {
        let named = FORMATS.iter().find(|(format, _)| *format == self);
        named.map_or(Pixel::YUV420P, |&(_, pixel)| pixel)
    }

    /// Bytes of a sample.
    pub(super) fn bytes(self) -> usize {
        if self.bits > 8 { 2 } else { 1 }
    }
}

/// How much chroma a source has. Formats with a quarter of it are nearest to 4:2:0.
fn chroma(source: Pixel) -> Subsampling {
    let shifts = source.descriptor().filter(|_| is_yuv(source));
    match shifts.map(|of| (of.log2_chroma_w(), of.log2_chroma_h())) {
        None | Some((0, 0)) => Subsampling::None,
        Some((1, 0)) => Subsampling::Horizontal,
        Some(_) => Subsampling::Both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_keep_what_an_encoder_takes() {
        let of = |source: Pixel, takes: &dyn Fn(PaintFormat) -> bool| {
            PaintFormat::of_source(source, takes).pixel()
        };
        let all = |_: PaintFormat| true;
        assert_eq!(of(Pixel::YUV444P, &all), Pixel::YUV420P);
        assert_eq!(of(Pixel::RGB24, &all), Pixel::YUV420P);
        assert_eq!(of(Pixel::YUV420P10LE, &all), YUV420P10);
        assert_eq!(of(Pixel::P010LE, &all), YUV420P10);
        assert_eq!(of(Pixel::YUV420P9LE, &all), YUV420P10);
        assert_eq!(of(Pixel::YUV422P12LE, &all), YUV422P12);
        assert_eq!(of(Pixel::GBRP10LE, &all), YUV444P10);
        assert_eq!(of(Pixel::YUV444P16LE, &all), YUV444P12);
        let ten = |format: PaintFormat| format.bits == 10 && format.chroma == Subsampling::Both;
        assert_eq!(of(Pixel::YUV444P12LE, &ten), YUV420P10);
        assert_eq!(of(Pixel::YUV420P10LE, &|_| false), Pixel::YUV420P);
        for (format, pixel) in FORMATS {
            assert_eq!(format.pixel(), pixel);
            assert_eq!(PaintFormat::of_source(pixel, all), format);
        }
    }
}
