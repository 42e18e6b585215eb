//! Drawing in local coordinates with tiny-skia: paths, gradients, brushes and lettering.

mod brush;
mod canvas;
mod color;
mod map;
mod paint;
mod path;
mod pen;
mod text;

pub(crate) use canvas::Canvas;
pub(crate) use color::Color;
pub(crate) use paint::Paint;
pub(crate) use path::Path;
pub(crate) use pen::Pen;
pub(crate) use text::Lettering;
