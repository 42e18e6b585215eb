//! From placed comments to pixels.

mod glyph_mask;
mod image_canvas;
mod overlay;
mod painter;
mod sprite;
pub(crate) mod yuv;

pub use image_canvas::draw_stage;
pub use overlay::{Overlay, Yuv420p};
pub use yuv::{ChromaSiting, Matrix, YuvColors};
