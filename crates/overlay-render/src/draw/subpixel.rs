//! Places between pixels, at which text can stand.

/// Steps between two pixels at which text can stand.
const STEPS: i8 = 4;

/// How many steps right of or below a pixel, 0 to below [`STEPS`].
pub(super) type Subpixel = i8;

/// How finely a coordinate is kept.
///
/// Each step is drawn and stored by itself, and of what moves fast nobody sees them: the error,
/// half a step, may be a sixteenth of the way between two frames of [`FRAME_RATE`]. What moves 4
/// pixels from frame to frame stands at half pixels, what moves 8 at whole ones; at lower rates the
/// way is longer and the error less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    Quarters = 1, // in steps
    Halves = 2,
    Wholes = 4,
}

/// Of the fastest usual screens and videos, in frames a second.
const FRAME_RATE: f64 = 60.0;

impl Grid {
    /// For something that moves so many pixels a second.
    pub(super) fn of_speed(speed: f64) -> Self {
        let way = speed / FRAME_RATE;
        match way {
            8.0.. => Self::Wholes,
            4.0.. => Self::Halves,
            _ => Self::Quarters,
        }
    }
}

/// A coordinate as whole pixels and steps.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and remainders are small"
)]
pub(super) fn split(at: f64, grid: Grid) -> (i32, Subpixel) {
    let step = grid as i8;
    let per_pixel = i32::from(STEPS / step);
    let steps = (at * f64::from(per_pixel)).round() as i32;
    (
        steps.div_euclid(per_pixel),
        steps.rem_euclid(per_pixel) as Subpixel * step,
    )
}

/// The part of a pixel that is so many steps.
pub(super) fn fraction(subpixel: Subpixel) -> f64 {
    f64::from(subpixel) / f64::from(STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2.13 is nearest to 2 and a quarter's half step below: 8.52 steps are 9, two pixels and one.
    #[test]
    fn coordinates_go_to_the_nearest_quarter() {
        let split = |at| split(at, Grid::Quarters);
        assert_eq!(split(2.13), (2, 1));
        assert_eq!(split(-0.1), (0, 0));
        assert_eq!(split(-0.3), (-1, 3));
        assert_eq!(split(6.99), (7, 0));
        assert!((fraction(3) - 0.75).abs() < 1e-12);
    }

    /// 239 pixels a second are 3.98 a frame, 240 are 4, 480 are 8.
    #[test]
    fn what_moves_fast_stands_at_fewer_places() {
        let grid = Grid::of_speed;
        assert_eq!([0.0, 239.0].map(grid), [Grid::Quarters; 2]);
        assert_eq!([240.0, 479.0].map(grid), [Grid::Halves; 2]);
        assert_eq!([480.0, f64::INFINITY].map(grid), [Grid::Wholes; 2]);
        assert_eq!(grid(f64::NAN), Grid::Quarters);
        assert_eq!(split(2.3, Grid::Halves), (2, 2));
        assert_eq!(split(-0.3, Grid::Halves), (-1, 2));
        assert_eq!(split(2.6, Grid::Wholes), (3, 0));
        assert_eq!(split(-0.6, Grid::Wholes), (-1, 0));
    }

    proptest::proptest! {
        /// The error is at most a sixteenth of the way between two frames, or half a quarter.
        #[test]
        fn nobody_sees_the_error(at in -1e5..1e5_f64, speed in 0.0..2e3_f64) {
            let (whole, subpixel) = split(at, Grid::of_speed(speed));
            let error = (f64::from(whole) + fraction(subpixel) - at).abs();
            proptest::prop_assert!(error <= f64::max(speed / FRAME_RATE / 16.0, 0.125) + 1e-9);
        }
    }
}
