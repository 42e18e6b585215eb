//! From placed comments to pixels.
//!
//! [`Painter`](painter::Painter) goes through what is on stage; [`Sprites`](sprites::Sprites) draws each distinct comment once,
//! from [`Glyphs`](glyphs::Glyphs) laid on [`Ink`](ink::Ink), and keeps it as [`Blocks`](blocks::Blocks); a
//! [`Canvas`](painter::Canvas) lays those over a picture, for planes of YUV by the inner loop in `blend`.

mod area;
mod blend;
mod blocks;
mod cache;
mod fetch;
mod glyph_mask;
mod glyphs;
mod image_canvas;
mod ink;
mod outline;
mod overlay;
mod painter;
mod phase;
mod sprite;
mod sprites;
pub(crate) mod yuv;

pub use image_canvas::draw_stage;
pub use outline::OutlineStyle;
pub use overlay::{Overlay, Yuv420p};
pub use yuv::{ChromaSiting, Matrix, YuvColors};
