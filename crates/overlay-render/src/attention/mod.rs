//! Pictures of where a model looked when it wrote a word: white where it looks, as in Xu et al.,
//! "Show, Attend and Tell" (ICML 2015), figures 2 to 5.
//!
//! This module knows no model. [`AttentionMap`] holds weights over a grid of locations and enlarges
//! them; [`draw_tiles`] draws one tile a word; [`HeatMap`] lays a map over a frame of a video;
//! [`AttentionTrack`] is the file that says which map belongs to which moment.

mod heat;
mod label;
mod map;
mod tiles;
mod track;

pub use heat::HeatMap;
pub use map::{AttentionMap, Contrast, PAPER_SMOOTHING};
pub use tiles::{TileOptions, WordMap, draw_tiles};
pub use track::{AttentionTrack, CommentMaps};
