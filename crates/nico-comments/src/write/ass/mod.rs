//! ASS subtitles (comment-formats, 7.3): [`AssWriter`] writes [`AssEvent`]s, whoever placed them; [`write_ass`] places comments
//! by estimated widths first.

mod event;
mod lanes;
mod layout;
mod writer;

pub use event::{AssAnchor, AssEvent, AssStage};
pub use layout::{AssOptions, write_ass};
pub use writer::AssWriter;
