//! Times of streams, in their units and in seconds.

use ffmpeg_next::Rational;

/// A fraction as a number; 0 if it has no denominator.
pub(super) fn ratio(rational: Rational) -> f64 {
    if rational.denominator() == 0 {
        return 0.0;
    }
    f64::from(rational.numerator()) / f64::from(rational.denominator())
}

/// A time in a stream's unit as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "times of a video are far below 2⁵³"
)]
pub(super) fn seconds(time: i64, time_base: Rational) -> f64 {
    time as f64 * ratio(time_base)
}

/// A time in seconds in a stream's unit.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates; times of a video are far below"
)]
pub(super) fn offset(start: f64, time_base: Rational) -> i64 {
    let unit = ratio(time_base);
    if unit > 0.0 {
        (start / unit).round() as i64
    } else {
        0
    }
}
