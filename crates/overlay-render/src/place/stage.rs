//! The stage and the sizes of comments: `docs/spec/comment-layout.md`, sections 1, 6 and 7.

use nico_comments::Size;

/// Width of the stage that comments are laid out on, in pixels. Pictures of other sizes scale it.
pub const STAGE_WIDTH: f64 = 1920.0;
/// Height of the stage, in pixels.
pub const STAGE_HEIGHT: f64 = 1080.0;
/// Stage pixels in one layout unit: the stage is 683 units wide.
pub const UNIT: f64 = 1920.0 / 683.0;

/// Layout height that sizes are derived from, in units.
const HEIGHT_UNITS: f64 = 384.0;

/// Widest a fixed comment may be, in units.
pub(crate) fn width_limit(full: bool) -> f64 {
    if full { 683.0 } else { 512.0 }
}

/// Height of a character and distance between lines, in units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) char_size: f64,
    pub(crate) line_height: f64,
}

impl Metrics {
    /// Sizes of section 6.2, before and after the shrink for many lines.
    pub(crate) fn of(size: Size, shrunk: bool) -> Self {
        let (lines, lines_shrunk, divisor) = match size {
            Size::Big => (8.4, 16.0, 7.8),
            Size::Medium => (13.1, 25.4, 11.3),
            Size::Small => (21.0, 38.0, 16.6),
        };
        let char_size = HEIGHT_UNITS / divisor;
        let line_height = (HEIGHT_UNITS - char_size) / (lines - 1.0);
        if !shrunk {
            return Self {
                char_size,
                line_height,
            };
        }
        let line_height_shrunk =
            (HEIGHT_UNITS - char_size * (lines / lines_shrunk)) / (lines_shrunk - 1.0);
        Self {
            char_size: char_size * (line_height_shrunk / line_height),
            line_height: line_height_shrunk,
        }
    }

    /// Height of so many lines, in units.
    pub(crate) fn height(self, lines: usize) -> f64 {
        self.line_height * (count(lines) - 1.0) + self.char_size
    }

    /// Pixels of the font at unit scale, and the factor that its glyphs are then scaled with
    /// (section 6.3).
    pub(crate) fn font_px(self) -> (f64, f64) {
        let wanted = self.char_size * 0.8;
        if wanted >= 10.0 {
            (wanted.floor(), 1.0)
        } else if wanted >= 1.0 {
            (10.0, wanted.floor() / 10.0)
        } else {
            (10.0, wanted / 10.0)
        }
    }
}

/// Lines from which on a comment is set smaller (section 7.2).
pub(crate) fn shrinks_from(size: Size) -> usize {
    match size {
        Size::Big => 3,
        Size::Medium => 5,
        Size::Small => 7,
    }
}

/// A number of lines or characters as a factor.
#[expect(
    clippy::cast_precision_loss,
    reason = "a comment has at most 256 lines and 16,384 characters"
)]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/spec/comment-layout.md`, section 6.2.
    #[test]
    fn sizes_are_those_of_the_table() {
        let table = [
            (
                Size::Big,
                [49.2308, 45.2391, 25.9837, 23.8769],
                [39.0, 20.0],
                138.394,
            ),
            (
                Size::Medium,
                [33.9823, 28.9271, 17.6442, 15.0194],
                [27.0, 14.0],
                95.529,
            ),
            (
                Size::Small,
                [23.1325, 18.0434, 12.8627, 10.0329],
                [18.0, 10.0],
                65.028,
            ),
        ];
        for (size, units, px, height) in table {
            let (plain, shrunk) = (Metrics::of(size, false), Metrics::of(size, true));
            let computed = [
                plain.char_size,
                plain.line_height,
                shrunk.char_size,
                shrunk.line_height,
            ];
            for (is, should) in computed.iter().zip(units) {
                assert!((is - should).abs() < 5e-5, "{size:?}: {computed:?}");
            }
            assert_eq!([plain.font_px().0, shrunk.font_px().0], px);
            assert!((plain.height(1) * UNIT - height).abs() < 5e-4);
        }
    }

    #[test]
    fn glyphs_are_never_set_below_ten_pixels() {
        let at = |char_size| {
            Metrics {
                char_size,
                line_height: 1.0,
            }
            .font_px()
        };
        assert_eq!(at(12.5), (10.0, 1.0));
        assert_eq!(at(12.4), (10.0, 0.9));
        assert_eq!(at(1.0), (10.0, 0.08));
    }
}
