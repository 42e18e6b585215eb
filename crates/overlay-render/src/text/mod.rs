//! Fonts, and what a text becomes in them.

pub(crate) mod bidi;
mod blanks;
mod emoji;
mod estimate;
pub(crate) mod faces;
pub(crate) mod family;
pub(crate) mod flash_runs;
pub(crate) mod fonts;
#[cfg(feature = "system-fonts")]
mod mapped;
pub(crate) mod missing;
mod plain;
mod prepared;
pub(crate) mod shape;
pub(crate) mod shaped;
mod stand_in;
mod subset;
mod tokens;

pub use fonts::Fonts;
pub use stand_in::StandIn;
