//! A small vector drawing kit: anti-aliased paths, gradients, strokes and text on an RGB picture.

mod canvas;
mod geometry;
mod paint;
mod path;
mod text;

pub(crate) use canvas::{Canvas, Pen};
pub(crate) use geometry::Rect;
pub(crate) use paint::{Color, Paint};
pub(crate) use path::Path;
pub(crate) use text::Lettering;
