//! From comments to their sizes, lanes and movements.

mod commands;
mod lanes;
mod layout;
mod measure;
pub(crate) mod motion;
mod options;
mod placed;
mod script;
mod stage;

pub use layout::{DrawItem, Layout, layout};
pub use options::{LayoutOptions, WithoutLane};
pub use placed::PlacedComment;
pub use stage::{STAGE_HEIGHT, STAGE_WIDTH, UNIT};
