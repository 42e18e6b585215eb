//! Draws the demo world: two original cartoon shows, what viewers wrote about them, and who is
//! where.
//!
//! No film may be shipped with the project, so [`write_world`] draws two: a day in a café and a
//! tour over the savanna. Each has six characters, two of whom play in both; their names are said
//! in comments only. The comments follow a grammar with the facts of real ones, and [`Boxes`] say
//! which character can be seen where in every frame. Everything follows from
//! [`WorldOptions`]: the same options give the same bytes of comments and boxes.
//!
//! [`write_episodes`] writes episodes of both shows with dialogue. Their comments answer a line, the
//! picture, another comment or the viewer's own, and which of these is written beside them.
//!
//! Titles are written with a font found on the computer; where there is none they are left out.
//!
//! # Example
//!
//! ```no_run
//! use world::{WorldOptions, write_world};
//!
//! let options = WorldOptions::default().seconds(30.0).comments(3_000);
//! let report = write_world("out/world".as_ref(), &options, |_| {})?;
//! println!("watch {}", report.shows[0].folder.join("video.mp4").display());
//! # Ok::<(), world::Error>(())
//! ```

mod boxes;
mod chat;
mod draw;
#[cfg(feature = "encoder")]
mod encoder;
mod episodes;
mod error;
mod figure;
mod film;
mod folder;
mod options;
mod scenery;
mod show;
mod sound;
mod whole;
mod world;

pub use boxes::{BoxCharacter, Boxes, CharacterBox};
#[cfg(feature = "encoder")]
pub use encoder::{
    Accuracy, EncoderError, EncoderOptions, Phase, ProbeResult, TrainedEncoder, TrainingEvent,
    probe_encoder, sample_sheet, train_encoder,
};
pub use episodes::{EpisodeReport, EpisodesOptions, write_episodes};
pub use error::Error;
pub use options::{ColorTold, WorldOptions};
pub use show::Show;
pub use world::{Progress, ShowReport, WorldReport, write_comments, write_world};
