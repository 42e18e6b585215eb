//! Episodes as streams of events in video time: comments, lines of dialogue, and pictures.
//!
//! An [`Episode`] holds what viewers wrote, what was said, and what is seen. All that a program may read of it to
//! foretell a comment is a [`Past`]: the events before a moment or before a comment, and nothing
//! after them. [`read_episodes`] reads a folder of them, [`EpisodeSplit`] divides them into those
//! learnt from and those measured on.

mod dialogue;
mod dialogue_error;
mod episode;
mod folder;
mod past;
mod pictures;
mod split;

pub use dialogue::{Dialogue, DialogueFormat, DialogueLine};
pub use dialogue_error::DialogueError;
pub use episode::{Episode, EpisodeComment};
pub use folder::{EpisodeFiles, find_episodes, read_episodes};
pub use past::Past;
pub use pictures::{EpisodePicture, EpisodePictures};
pub use split::{EpisodeSplit, UnknownEpisodeSplit};
