//! How far a place reaches, and what all places are drawn with.

use crate::draw::{Color, Paint, Path, Pen};

/// How far a place goes on beyond the picture on either side.
pub(crate) const MARGIN: f32 = 112.0;
pub(super) const LEFT: f32 = -MARGIN;
pub(super) const RIGHT: f32 = 640.0 + MARGIN;
pub(super) const WIDTH: f32 = RIGHT - LEFT;
/// Width of outlines.
pub(super) const LINE: f32 = 2.2;

/// Fills the whole width between two heights.
pub(super) fn band(pen: &mut Pen<'_>, top: f32, bottom: f32, paint: impl Into<Paint>) {
    pen.fill(&Path::rect(LEFT, top, WIDTH, bottom - top), paint);
}

/// A soft light around a point.
pub(super) fn glow(pen: &mut Pen<'_>, x: f32, y: f32, radius: f32, color: Color) {
    pen.fill(
        &Path::circle(x, y, radius),
        Paint::radial(x, y, radius, color, color.alpha(0.0)),
    );
}
