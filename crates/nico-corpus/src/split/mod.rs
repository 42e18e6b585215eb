//! What is learnt from and what is judged by.

mod draw;
mod frames;
mod part;
mod rule;
mod tally;
mod videos;

pub use frames::Split;
pub use part::Part;
pub use rule::{SplitRule, UnknownSplit};
pub use tally::SplitTally;
pub use videos::VideoSplit;
