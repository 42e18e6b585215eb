//! How outlines are drawn.

/// Width of outlines in local units.
pub(super) const LINE: f32 = 0.035;
