//! What a comment in the Flash player's look has beside its size: `docs/spec/comment-layout.md`,
//! section 12.

use super::stage::count;
use crate::text::family::Family;

/// Width of the outline, in units.
pub(crate) const OUTLINE: f64 = 4.0;
/// Units above the first line, and in comments that are set smaller because of their lines.
pub(super) const PADDING: f64 = 5.0;
const PADDING_SHRUNK: f64 = 3.0;
/// How far the baseline is above a line's lower edge, in lines.
const BASELINE: f64 = 0.2;

/// What the Flash player's look has beside the sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FlashLook {
    /// The family of what no character decides.
    pub(crate) family: Family,
    /// By how much glyphs and gaps are stretched to the side, which makes room between letters.
    pub(crate) stretch: f64,
    /// How far the text is shifted downwards, in lines.
    pub(crate) shift: f64,
}

impl FlashLook {
    /// The baseline of a line below the top edge of the box, in units, where lines are `line_height`
    /// apart and everything is scaled by `scale`.
    pub(crate) fn baseline(&self, line: usize, line_height: f64, scale: f64, shrunk: bool) -> f64 {
        let padding = if shrunk { PADDING_SHRUNK } else { PADDING };
        (self.shift + count(line + 1) - BASELINE) * line_height + padding * scale
    }
}
