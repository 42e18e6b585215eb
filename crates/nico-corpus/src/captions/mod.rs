//! Captions of any data set, read from files and scored: what `nico evaluate captions` does.

mod caption_file;
mod coco;
mod error;
mod lines;
mod scores;
mod set;
mod words;

pub use caption_file::CaptionFile;
pub use error::CaptionsError;
pub use scores::{CaptionReport, PictureScores};
pub use set::{CaptionSet, CaptionText, CaptionedPicture};
pub use words::CaptionWords;
