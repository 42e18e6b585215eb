//! Subtitles in Advanced SubStation Alpha: [`AssWriter`] writes [`AssEvent`]s, whoever placed them;
//! [`write_ass`] writes the comments of a layout.

mod event;
mod export;
mod writer;

pub use event::{AssAnchor, AssEvent, AssStage};
pub use export::{AssOptions, write_ass};
pub use writer::AssWriter;
