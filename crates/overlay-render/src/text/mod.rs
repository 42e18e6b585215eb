//! Fonts, and what a text becomes in them.

pub(crate) mod fonts;
pub(crate) mod shape;
mod shaped;
mod tokens;

pub use fonts::Fonts;
