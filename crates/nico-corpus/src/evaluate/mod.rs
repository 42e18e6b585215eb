//! How well a captioner predicts and writes the comments of a video, every score beside what does
//! without the picture.
//!
//! [`EvaluationData`] divides comments as they were divided when the model learnt,
//! [`EvaluationContext`] says which model is asked about them, and a function a section measures:
//! [`measure_likelihood`], [`measure_retrieval`], [`measure_generation`], [`measure_grounding`]. An
//! [`Evaluation`] keeps them together and writes them as tables.

mod context;
mod data;
mod generation;
mod grounding;
mod likelihood;
#[cfg(test)]
mod made_up;
mod report;
mod retrieval;
mod tables;

pub use context::{EvaluationContext, EvaluationProgress};
pub use data::{EvaluationComments, EvaluationData, SplitSource, SplitSummary};
pub use generation::{GenerationSection, Sides, WordRate, measure as measure_generation};
pub use grounding::measure as measure_grounding;
pub use likelihood::{LikelihoodSection, ModelLikelihood, measure as measure_likelihood};
pub use report::{Evaluation, Seconds};
pub use retrieval::{
    CANDIDATES, NamedRanking, RankingDifference, RetrievalSection, measure as measure_retrieval,
};
pub use tables::Table;
