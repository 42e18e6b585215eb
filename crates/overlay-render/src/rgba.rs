use std::fmt;

use nico_comments::Color;

/// A colour with an opacity. Displays as `#RRGGBB`, or `#RRGGBBAA` if it is not opaque.
///
/// ```
/// use overlay_render::Rgba;
/// use nico_comments::Color;
///
/// assert_eq!(Rgba::new(Color::BLACK, 102).to_string(), "#00000066");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgba {
    /// The colour.
    pub color: Color,
    /// Opacity: 0 is clear, 255 opaque.
    pub alpha: u8,
}

impl Rgba {
    /// A colour with an opacity of 0 to 255.
    #[must_use]
    pub const fn new(color: Color, alpha: u8) -> Self {
        Self { color, alpha }
    }
}

impl fmt::Display for Rgba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.alpha {
            255 => self.color.fmt(f),
            alpha => write!(f, "{}{alpha:02X}", self.color),
        }
    }
}
