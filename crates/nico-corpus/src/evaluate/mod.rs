//! How well a captioner predicts and writes the comments of a video, every score beside what does
//! without the picture.
//!
//! [`Material`] divides comments as they were divided when the model learnt, [`Judged`] says which
//! model is asked about them, and a function a section measures: [`measure_likelihood`],
//! [`measure_retrieval`], [`measure_writing`], [`measure_grounding`]. An [`Evaluation`] keeps them
//! together and writes them as tables.

mod grounding;
mod judged;
mod likelihood;
mod material;
mod report;
mod retrieval;
mod tables;
mod writing;

pub use grounding::measure as measure_grounding;
pub use judged::{Judged, Progress};
pub use likelihood::{LikelihoodSection, measure as measure_likelihood};
pub use material::{Comments, Division, Material, SplitOrigin};
pub use report::{Evaluation, Seconds};
pub use retrieval::{CANDIDATES, RetrievalSection, measure as measure_retrieval};
pub use tables::Table;
pub use writing::{WritingSection, measure as measure_writing};
