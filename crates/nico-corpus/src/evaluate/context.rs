use std::path::Path;

use caption_metrics::{GroundTruth, Pairs, WordNlls};
use caption_model::Captioner;
use frame_features::FeatureStore;
use nico_comments::Comment;

use super::data::EvaluationData;
use crate::{error::Error, file_id::FileId, stages::StageInputs, words::SplitWords};

/// How far a measurement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationProgress {
    /// What is being measured, one word.
    pub label: &'static str,
    /// EvaluationComments that are done.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

/// A model, and what it is context on.
#[derive(Clone, Copy)]
pub struct EvaluationContext<'a> {
    /// The model.
    pub captioner: &'a Captioner,
    /// Features of the video.
    pub store: &'a FeatureStore,
    /// Its comments, divided.
    pub data: &'a EvaluationData,
    /// Splits written comments into words, as those that the model learnt from were split.
    pub tokenizer: &'a dyn SplitWords,
    /// Names of characters, where boxes tell them.
    pub names: &'a [String],
    /// Who is where, where boxes tell it.
    pub truth: Option<&'a GroundTruth>,
    /// EvaluationComments that were written for the video, to be context in place of ones that are
    /// written now: their file's name and they.
    pub generated: Option<(&'a Path, &'a [Comment])>,
    /// Most moments at which the model has to find the right comments.
    pub moments: usize,
    /// EvaluationComments at once.
    pub batch_size: usize,
    /// Seed of what is drawn: candidates, other pictures, resamples, written comments.
    pub seed: u64,
    /// Is told how far a measurement is.
    pub progress: &'a dyn Fn(EvaluationProgress),
}

impl std::fmt::Debug for EvaluationContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvaluationContext")
            .field("data", &self.data.division)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl EvaluationContext<'_> {
    /// What every section depends on, of what stands here: features, division, names, seed. The
    /// model's files, the comments' and the words are the caller's to add.
    pub fn inputs(&self) -> StageInputs {
        let plan = &self.store.info().plan;
        let video = FileId::new(plan.video.path.display().to_string(), &plan.video.sha256);
        StageInputs::default()
            .value("encoder", &plan.encoder)
            .value("video", &video)
            .value("rows", &self.store.len())
            .value("division", &self.data.division)
            .value("names", self.names)
            .value("seed", &self.seed)
    }

    /// What each word of pairs costs the model.
    pub(super) fn word_nlls(&self, label: &'static str, pairs: &Pairs) -> Result<WordNlls, Error> {
        let total = pairs.len();
        let tell = |done| (self.progress)(EvaluationProgress { label, done, total });
        Ok(self
            .captioner
            .word_nlls(pairs, self.store, self.batch_size, tell)?)
    }
}
