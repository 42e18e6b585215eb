//! Grounding: does attention look at the characters whose names are written? Names are words of the
//! comments; boxes are for the evaluation only.
//!
//! [`GroundTruth`] says who is where, row by row, in rectangles; nothing here reads files. Every
//! score has its baselines beside it:
//!
//! - [`pointing`]: pointing game and mass in the box at every [`Mention`] of a name, beside the
//!   box's area, the picture's centre and [`FrequentPositions`];
//! - [`NameSwap`]: does the attention move when the name is swapped ([`NameTemplate`]), beside 0;
//! - [`presence`]: do names rank the frames, beside the share of frames;
//! - [`Hallucination`]: names of those who are not there, beside the people's own;
//! - [`AttentionDiagnostics`]: is attention degenerate.

mod attention_map;
mod bounding_box;
mod diagnostics;
mod frequent_positions;
mod ground_truth;
mod hallucination;
mod mention;
mod name_map;
mod pointing;
mod presence;
mod swap;
mod templates;

pub use attention_map::AttentionMap;
pub use bounding_box::BoundingBox;
pub use diagnostics::{AttentionDiagnostics, AttentionSum};
pub use frequent_positions::FrequentPositions;
pub use ground_truth::GroundTruth;
pub use hallucination::Hallucination;
pub use mention::{Mention, MentionMaps, NamePosition};
pub use name_map::NameMap;
pub use pointing::{NamePointing, PointingScore, pointing};
pub use presence::{NamePresence, average_precision, presence};
pub use swap::{NameSwap, NamedAttention};
pub use templates::NameTemplate;
