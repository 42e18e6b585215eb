//! From comments to their sizes, lanes and movements.

mod commands;
mod cover;
mod lanes;
mod layout;
mod limit;
mod measure;
pub(crate) mod motion;
mod occupancy;
mod operator;
mod options;
mod placed;
mod report;
mod script;
mod stage;

pub use layout::{DrawItem, Layout, LayoutProgress, layout, layout_with_progress};
pub use options::{LayoutOptions, WithoutLane};
pub use placed::PlacedComment;
pub use report::{LayoutReport, LayoutWarning};
pub use stage::{STAGE_HEIGHT, STAGE_WIDTH, UNIT};
