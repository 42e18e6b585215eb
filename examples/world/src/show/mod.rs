//! The shows: who plays, what happens, what a frame looks like.

mod cast;
mod painter;
mod script;

pub(crate) use cast::Character;
#[cfg(feature = "encoder")]
pub(crate) use cast::EVERYBODY;
pub use cast::Show;
pub(crate) use painter::Painter;
pub(crate) use script::{Scene, SceneKind, Script, Subject};
