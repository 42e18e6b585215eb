//! Places, in coordinates of a picture of 640x480 with a margin on both sides to pan over.

mod cafe;
mod place;
pub(crate) mod props;
mod safari;
mod span;

pub(crate) use place::Place;
pub(crate) use span::MARGIN;
