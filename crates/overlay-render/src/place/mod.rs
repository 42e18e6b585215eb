//! From comments to their sizes, lanes and movements.

mod arrange;
mod commands;
mod cover;
mod envelope;
pub(crate) mod flash_look;
mod flash_size;
mod lane_search;
mod lanes;
mod layout;
mod limit;
mod live_stage;
mod measure;
pub(crate) mod motion;
mod occupancy;
mod operator;
mod options;
mod placed;
mod player;
mod report;
mod script;
mod sized;
mod stage;
mod style;
mod thin;
mod touching;

pub use arrange::{LayoutProgress, layout, layout_with_progress};
pub use layout::{DrawItem, Layout};
pub use live_stage::LiveStage;
pub use options::{LayoutOptions, WithoutLane};
pub use placed::PlacedComment;
pub use player::Player;
pub use report::{LayoutReport, LayoutWarning};
pub use stage::{STAGE_HEIGHT, STAGE_WIDTH, UNIT};
