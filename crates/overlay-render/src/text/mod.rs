//! Fonts, and what a text becomes in them.

pub(crate) mod bidi;
mod blanks;
mod emoji;
mod estimate;
pub(crate) mod faces;
pub(crate) mod fonts;
#[cfg(feature = "system-fonts")]
mod mapped;
pub(crate) mod missing;
pub(crate) mod shape;
mod shaped;
mod subset;
mod tokens;

pub use fonts::Fonts;
