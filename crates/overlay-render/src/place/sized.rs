//! What measuring a comment gives.

use nico_comments::Size;

use super::flash_look::FlashLook;
use super::stage::Metrics;

/// A measured comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sized {
    pub(crate) metrics: Metrics,
    pub(crate) width: f64,  // px
    pub(crate) height: f64, // px
    pub(crate) resized_x: bool,
    pub(crate) resized_y: bool,
    /// Whether a glyph is from another face than the family's first.
    pub(crate) fallback: bool,
    /// Pixels of the font, and the factor that its glyphs are then scaled with.
    pub(crate) font_px: f64,
    pub(crate) glyph_scale: f64,
    /// In the Flash player's look.
    pub(crate) flash: Option<FlashLook>,
}

impl Default for Sized {
    fn default() -> Self {
        let metrics = Metrics::of(Size::Medium, false);
        let (font_px, glyph_scale) = metrics.font_px();
        Self {
            metrics,
            width: 0.0,
            height: 0.0,
            resized_x: false,
            resized_y: false,
            fallback: false,
            font_px,
            glyph_scale,
            flash: None,
        }
    }
}
