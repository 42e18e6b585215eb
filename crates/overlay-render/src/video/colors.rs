//! What a frame's numbers mean as colours.

use ffmpeg_next::{chroma, color, format, frame};

use super::ffi::{Coding, depth};
use crate::draw::encoding::{Encoding, Light};
use crate::draw::{ChromaSiting, Matrix, YuvColors};

/// Whether a format has the full range by itself.
pub(super) fn is_jpeg(format: format::Pixel) -> bool {
    use format::Pixel::{YUVJ411P, YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P};
    matches!(format, YUVJ411P | YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P)
}

pub(super) fn is_full_range(frame: &frame::Video) -> bool {
    frame.color_range() == color::Range::JPEG || is_jpeg(frame.format())
}

/// Whether a format stores luma and chroma, and not RGB, a palette or grey.
pub(super) fn is_yuv(format: format::Pixel) -> bool {
    let prefixes = [
        "yuv", "yuy", "yvy", "uy", "nv", "p0", "p2", "p4", "y2", "xv", "vuy", "ayuv",
    ];
    let name = format
        .descriptor()
        .map_or("", |descriptor| descriptor.name());
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// As the frame says, or BT.601 below 720 rows and BT.709 from there on.
fn matrix(space: color::Space, height: u32) -> Matrix {
    use color::Space::{BT470BG, BT709, BT2020CL, BT2020NCL, FCC, SMPTE170M, SMPTE240M};
    match space {
        BT709 => Matrix::Bt709,
        BT470BG | SMPTE170M | SMPTE240M | FCC => Matrix::Bt601,
        BT2020NCL | BT2020CL => Matrix::Bt2020,
        _ if height >= 720 => Matrix::Bt709,
        _ => Matrix::Bt601,
    }
}

/// How the frame's colours are stored.
fn colors(frame: &frame::Video, location: chroma::Location) -> YuvColors {
    let siting = match location {
        chroma::Location::Center | chroma::Location::Top | chroma::Location::Bottom => {
            ChromaSiting::Center
        }
        _ => ChromaSiting::Left,
    };
    YuvColors {
        matrix: matrix(frame.color_space(), frame.height()),
        full_range: is_full_range(frame),
        siting,
    }
}

/// How comments' colours are stored in a frame of so many bits a sample.
pub(super) fn encoding(frame: &frame::Video, location: chroma::Location, bits: u8) -> Encoding {
    use color::TransferCharacteristic::{ARIB_STD_B67, SMPTE2084};
    let light = match frame.color_transfer_characteristic() {
        SMPTE2084 => Light::Pq,
        ARIB_STD_B67 => Light::Hlg,
        _ if frame.color_primaries() == color::Primaries::BT2020 => Light::Wide,
        _ => Light::Standard,
    };
    Encoding {
        colors: colors(frame, location),
        bits,
        light,
    }
}

/// How a scaler is to read the frame's YUV.
pub(super) fn coding(frame: &frame::Video) -> Coding {
    Coding {
        weights: match matrix(frame.color_space(), frame.height()) {
            Matrix::Bt709 => 1,
            Matrix::Bt2020 => 9,
            Matrix::Bt601 => 5,
        },
        full_range: is_full_range(frame),
    }
}

/// Tags a frame that was RGB: the customary weights of its height, in the limited range.
pub(super) fn tag_converted(frame: &mut frame::Video) {
    let space = if frame.height() >= 720 {
        color::Space::BT709
    } else {
        color::Space::SMPTE170M
    };
    frame.set_color_space(space);
    frame.set_color_range(color::Range::MPEG);
}

/// Bits of a sample, whether there is a channel for transparency, and the format's name.
pub(super) fn depth_and_alpha(format: format::Pixel) -> (i32, bool, &'static str) {
    let Some(descriptor) = format.descriptor() else {
        return (8, false, "");
    };
    // Luma and chroma, or the three colours, take three components; grey takes one.
    let has_alpha = matches!(descriptor.nb_components(), 2 | 4);
    (depth(descriptor), has_alpha, descriptor.name())
}
