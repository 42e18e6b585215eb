//! From placed comments to pixels.
//!
//! [`Painter`](painter::Painter) goes through what is on stage and lends each comment to a
//! [`Brush`](brush::Brush); [`Sprites`](sprites::Sprites) draws
//! each distinct comment once, from [`Glyphs`](glyphs::Glyphs) laid on
//! [`Coverage`](coverage::Coverage), and keeps it as [`Blocks`](blocks::Blocks); a
//! [`Canvas`](canvas::Canvas) lays those over a picture, for planes of YUV by the inner loop in
//! `blend`.

mod alpha;
mod area;
mod blend;
mod blocks;
mod brush;
mod cache;
mod canvas;
mod color_glyph;
mod color_layers;
mod coverage;
pub(crate) mod encoding;
mod glyph_mask;
mod glyphs;
mod image_canvas;
mod live_overlay;
mod outline;
mod overlay;
mod painter;
pub(crate) mod planes;
mod prefetch;
mod rgba_canvas;
pub(crate) mod sample;
mod sprite;
mod sprite_overlay;
mod sprite_picture;
mod sprites;
mod subpixel;
mod yuv_canvas;
mod yuv_colors;

pub use live_overlay::{CommentPicture, LiveOverlay};
pub use outline::OutlineStyle;
pub use overlay::{Overlay, draw_stage};
pub use planes::Yuv420p;
pub use rgba_canvas::{ChannelOrder, RgbaPixels};
pub use sprite_overlay::{SpriteImage, SpriteItem, SpriteLayout, SpriteOverlay};
pub use yuv_colors::{ChromaSiting, Matrix, YuvColors};
