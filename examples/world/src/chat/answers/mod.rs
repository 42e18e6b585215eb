//! Comments that answer: what is said, what is seen, and each other.
//!
//! The comments of `chat` follow the picture alone. Those of an episode follow three things, and
//! which one each of them answers is remembered, so that a model can be asked whether it found out.

mod crowd;
mod lines;
mod words;

pub(crate) use crowd::EpisodeChat;
pub(crate) use lines::{write_lines, write_srt};
