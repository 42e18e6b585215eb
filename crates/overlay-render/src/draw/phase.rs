//! Places between pixels.

/// Steps between two pixels at which text can stand.
const STEPS: i8 = 4;

/// How many steps right of or below a pixel, 0 to below [`STEPS`].
pub(super) type Phase = i8;

/// A coordinate as whole pixels and steps.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and remainders are small"
)]
pub(super) fn split(at: f64) -> (i32, Phase) {
    let steps = (at * f64::from(STEPS)).round() as i32;
    let per_pixel = i32::from(STEPS);
    (
        steps.div_euclid(per_pixel),
        steps.rem_euclid(per_pixel) as Phase,
    )
}

/// The part of a pixel that is so many steps.
pub(super) fn fraction(phase: Phase) -> f64 {
    f64::from(phase) / f64::from(STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2.13 is nearest to 2 and a quarter's half step below: 8.52 steps are 9, two pixels and one.
    #[test]
    fn coordinates_go_to_the_nearest_quarter() {
        assert_eq!(split(2.13), (2, 1));
        assert_eq!(split(-0.1), (0, 0));
        assert_eq!(split(-0.3), (-1, 3));
        assert_eq!(split(6.99), (7, 0));
        assert!((fraction(3) - 0.75).abs() < 1e-12);
    }
}
