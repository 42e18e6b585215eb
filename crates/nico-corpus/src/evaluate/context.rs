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
    /// What every section depends on, of what stands here: features and the frames that they are
    /// of, division, names, seed. The model's files, the comments' and the words are the caller's
    /// to add.
    pub fn inputs(&self) -> StageInputs {
        let plan = &self.store.info().plan;
        let video = FileId::new(plan.video.path.display().to_string(), &plan.video.sha256);
        StageInputs::default()
            .value("encoder", &plan.encoder)
            .value("video", &video)
            .value("rows", &self.store.len())
            .value("sampling", &plan.sampling)
            .value("held", &plan.duplicates)
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

#[cfg(test)]
mod tests {
    use frame_features::Sampling;
    use nico_comments::Vpos;

    use super::*;
    use crate::evaluate::{EvaluationComments, SplitSource, made_up};

    /// As many rows, of other frames.
    #[test]
    fn sections_depend_on_the_frames_that_features_are_of() {
        let folder = tempfile::tempdir().unwrap();
        let pieces = made_up::pieces();
        let captioner = made_up::captioner(&pieces);
        let inputs = |name: &str, sampling| {
            let store = made_up::store(&folder.path().join(name), sampling);
            let comments = EvaluationComments {
                video: vec![Comment::new(Vpos(100), "草")],
                learnt_from: vec![Comment::new(Vpos(100), "草")],
            };
            let split = SplitSource::default();
            let data = EvaluationData::new(&captioner, &store, &pieces, comments, &split).unwrap();
            let context = EvaluationContext {
                captioner: &captioner,
                store: &store,
                data: &data,
                tokenizer: &pieces,
                names: &[],
                truth: None,
                generated: None,
                moments: 1,
                batch_size: 1,
                seed: 1,
                progress: &|_| (),
            };
            context.inputs()
        };
        let all = inputs("all", Sampling::All);
        assert!(all.changes_to(&inputs("again", Sampling::All)).is_empty());
        let given = inputs("given", Sampling::Frames((0..40).collect()));
        let changes = all.changes_to(&given).into_iter();
        let changed: Vec<String> = changes.map(|change| change.input).collect();
        assert_eq!(changed, ["sampling"]);
    }
}
