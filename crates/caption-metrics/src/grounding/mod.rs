//! Can the machine recognise a character from comments alone? Names are words of the comments; boxes are for the evaluation only.
//!
//! [`GroundTruth`] says who is where, row by row, in rectangles; nothing here reads files. Every score has its baselines beside it:
//!
//! - [`pointing`]: pointing game and mass in the box at every [`Mention`] of a name, beside the box's area, the picture's centre and
//!   [`UsualPlaces`];
//! - [`NameSwap`]: does the attention move when the name is swapped ([`NameTemplate`]), beside 0;
//! - [`presence`]: do names rank the frames, beside the share of frames;
//! - [`Hallucination`]: names of those who are not there, beside the people's own;
//! - [`AttentionGuard`]: does attention live at all.

mod baselines;
mod guard;
mod hallucination;
mod map;
mod mention;
mod name_step;
mod pointing;
mod presence;
mod region;
mod swap;
mod templates;
mod truth;

pub use baselines::UsualPlaces;
pub use guard::{AttentionGuard, AttentionSum};
pub use hallucination::Hallucination;
pub use map::AttentionMap;
pub use mention::{Mention, NamedAt};
pub use name_step::NameStep;
pub use pointing::{Aim, NamePointing, pointing};
pub use presence::{NamePresence, average_precision, presence};
pub use region::Region;
pub use swap::{NameSwap, NamedAttention};
pub use templates::NameTemplate;
pub use truth::GroundTruth;
