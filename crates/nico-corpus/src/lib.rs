//! Comments, features and words of videos as pairs and streams to learn from, divided into train and dev.
//!
//! [`Boxes`] are a video's ground truth: which character can be seen where in which frame, and what
//! comments call it.

mod boxes;
mod error;

pub use boxes::{BoxCharacter, Boxes, BoxesError, CharacterBox, Naming};
pub use error::Error;
