//! FFmpeg's numbers as ours.

use crate::rational::Rational;

/// FFmpeg's fraction.
pub(super) fn rational(fraction: ffmpeg_next::Rational) -> Rational {
    Rational::new(fraction.numerator().into(), fraction.denominator().into())
}

/// FFmpeg's width or height.
pub(super) fn side(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(usize::MAX)
}
