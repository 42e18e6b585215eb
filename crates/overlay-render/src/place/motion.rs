//! Where a comment is at a time: `docs/spec/comment-layout.md`, section 8.
//!
//! Times are centiseconds, lengths stage pixels.

use nico_comments::Vpos;

use super::stage::{STAGE_HEIGHT, STAGE_WIDTH};

/// Farthest vpos from the start that is told apart, in centiseconds (317 years).
const MAX_VPOS: i64 = 1_000_000_000_000;

/// The band that a scrolling comment crosses in its display time and one second more.
const BAND: f64 = 1530.0;
const PADDING: f64 = 195.0;
/// Lines where scrolling comments are tested for overlap.
pub(crate) const RIGHT_PROBE: f64 = 1685.0;
pub(crate) const LEFT_PROBE: f64 = 235.0;
/// Space kept between two comments at a probe.
pub(crate) const MARGIN: f64 = 5.0;

/// The movement of one scrolling comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scroll {
    pub(crate) width: f64,
    pub(crate) long: i64,
    /// Pixels to the left per centisecond.
    pub(crate) speed: f64,
}

impl Scroll {
    pub(crate) fn new(width: f64, long: i64) -> Self {
        Self {
            width,
            long,
            speed: (BAND + width * 0.95) / (real(long) + 100.0),
        }
    }

    /// The left edge, `tau` after the comment's vpos.
    pub(crate) fn x(&self, tau: f64) -> f64 {
        PADDING + BAND - (tau + 100.0) * self.speed
    }

    fn x_int(&self, tau: i64) -> f64 {
        self.x(real(tau))
    }

    /// First and last-but-one `tau` at which the comment is listed (the page's B, and long + 125).
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 288/1632 of 12,125, plus 100"
    )]
    pub(crate) fn listed(&self) -> (i64, i64) {
        let lead = -288.0 / ((1632.0 + self.width) / (real(self.long) + 125.0));
        ((lead + 0.5).floor() as i64 - 100, self.long + 125)
    }

    /// The whole `tau`s, first and last, at which the comment lies over a probe line, `margin`
    /// added to its right. Empty (first > last) if it never does while listed.
    pub(crate) fn over(&self, probe: f64, margin: f64) -> (i64, i64) {
        let (begin, end) = self.listed();
        let first = self.first_tau(|scroll, tau| scroll.x_int(tau) <= probe, probe);
        let past = self.first_tau(
            |scroll, tau| scroll.x_int(tau) + scroll.width + margin < probe,
            probe - self.width - margin,
        );
        (first.max(begin), (past - 1).min(end - 1))
    }

    /// The first `tau` for which `passed` holds, which does from about where the left edge is at
    /// `x` on.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; the product of widths and durations here is far below"
    )]
    fn first_tau(&self, passed: impl Fn(&Self, i64) -> bool, x: f64) -> i64 {
        let mut tau = ((PADDING + BAND - x) / self.speed - 100.0).ceil() as i64;
        while passed(self, tau - 1) {
            tau -= 1;
        }
        while !passed(self, tau) {
            tau += 1;
        }
        tau
    }

    /// The times relative to vpos between which comments of different durations are compared
    /// (section 9.4).
    pub(crate) fn probe_window(&self) -> (f64, f64) {
        let (begin, end) = self.listed();
        let enter = -100.0 + (PADDING + BAND - RIGHT_PROBE) / self.speed;
        let leave = -100.0 + (PADDING + BAND + MARGIN - LEFT_PROBE + self.width) / self.speed;
        (real(begin).max(enter), real(end).min(leave))
    }
}

/// The left edge of a fixed comment.
pub(crate) fn centered(width: f64) -> f64 {
    (STAGE_WIDTH - width) / 2.0
}

/// Whether any part of the box lies on the stage.
pub(crate) fn on_stage(x: f64, y: f64, width: f64, height: f64) -> bool {
    x < STAGE_WIDTH && x + width > 0.0 && y < STAGE_HEIGHT && y + height > 0.0
}

/// The time by which a comment is placed: far ones are not told apart.
pub(crate) fn clamped(vpos: Vpos) -> i64 {
    vpos.0.clamp(-MAX_VPOS, MAX_VPOS)
}

/// Centiseconds as a factor. Exact: times are clamped to what f64 holds.
#[expect(
    clippy::cast_precision_loss,
    reason = "callers clamp times to 10¹², far below 2⁵³"
)]
pub(crate) fn real(centis: i64) -> f64 {
    centis as f64
}

#[cfg(test)]
mod tests {
    use super::super::stage::UNIT;
    use super::*;

    /// The example of section 8: three full-width characters, medium, 81 units wide.
    #[test]
    fn three_characters_move_as_the_page_says() {
        let scroll = Scroll::new(81.0 * UNIT, 300);
        assert!((scroll.speed - 4.3658).abs() < 5e-5);
        assert!((scroll.x(0.0) - 1288.4).abs() < 0.05);
        assert_eq!(scroll.listed(), (-166, 425));
        assert!((scroll.x(-144.7) - 1920.0).abs() < 1.0);
        assert!((scroll.x(347.3) + scroll.width).abs() < 1.0);
        let right = scroll.x(300.0) + scroll.width;
        assert!((right - (195.0 + 0.05 * scroll.width)).abs() < 1e-9);
        assert!((scroll.x(-100.0) - 1725.0).abs() < 1e-9);
    }

    #[test]
    fn probes_are_crossed_from_right_to_left() {
        let scroll = Scroll::new(227.7, 300);
        let (first, last) = scroll.over(RIGHT_PROBE, MARGIN);
        assert!(scroll.x_int(first) <= RIGHT_PROBE && scroll.x_int(first - 1) > RIGHT_PROBE);
        assert!(scroll.x_int(last) + 232.7 >= RIGHT_PROBE);
        assert!(scroll.x_int(last + 1) + 232.7 < RIGHT_PROBE);
        assert!(scroll.over(LEFT_PROBE, 0.0).0 > last);
    }
}
