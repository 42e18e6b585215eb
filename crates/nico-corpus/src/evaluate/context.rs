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
    /// Comments that are done.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

/// A model, and what it is measured on. Made by [`new`](Self::new) and the setters.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EvaluationContext<'a> {
    /// The model.
    pub captioner: &'a Captioner,
    /// Features of the video.
    pub store: &'a FeatureStore,
    /// Its comments, divided.
    pub data: &'a EvaluationData,
    /// Splits written comments into words, as those that the model learnt from were split.
    pub tokenizer: &'a dyn SplitWords,
    /// Names of characters, where boxes tell them. Default: none.
    pub names: &'a [String],
    /// Who is where, where boxes tell it. Default: nothing is known.
    pub truth: Option<&'a GroundTruth>,
    /// Comments that were written for the video, to be measured in place of ones that are written
    /// now, after the name of their file. Default: none.
    pub generated: Option<(&'a Path, &'a [Comment])>,
    /// Most moments at which the model has to find the right comments. Default: 200.
    pub moments: usize,
    /// Comments at once, at least one. Default: 256.
    pub batch_size: usize,
    /// Seed of what is drawn: candidates, other pictures, resamples, written comments. Default: 1.
    pub seed: u64,
    /// Is told how far a measurement is. Default: nobody is.
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

/// What is told of a measurement where nobody asks.
const QUIET: fn(EvaluationProgress) = |_| ();

impl<'a> EvaluationContext<'a> {
    /// A model that is measured on the comments of a video; `tokenizer` splits what it writes into
    /// words, as those that it learnt from were split.
    #[must_use]
    pub fn new(
        captioner: &'a Captioner,
        store: &'a FeatureStore,
        data: &'a EvaluationData,
        tokenizer: &'a dyn SplitWords,
    ) -> Self {
        Self {
            captioner,
            store,
            data,
            tokenizer,
            names: &[],
            truth: None,
            generated: None,
            moments: 200,
            batch_size: 256,
            seed: 1,
            progress: &QUIET,
        }
    }

    /// Sets [`names`](Self::names).
    #[must_use]
    pub fn names(mut self, names: &'a [String]) -> Self {
        self.names = names;
        self
    }

    /// Sets [`truth`](Self::truth).
    #[must_use]
    pub fn truth(mut self, truth: impl Into<Option<&'a GroundTruth>>) -> Self {
        self.truth = truth.into();
        self
    }

    /// Sets [`generated`](Self::generated).
    #[must_use]
    pub fn generated(mut self, file: impl Into<Option<(&'a Path, &'a [Comment])>>) -> Self {
        self.generated = file.into();
        self
    }

    /// Sets [`moments`](Self::moments).
    #[must_use]
    pub fn moments(mut self, moments: usize) -> Self {
        self.moments = moments;
        self
    }

    /// Sets [`batch_size`](Self::batch_size).
    #[must_use]
    pub fn batch_size(mut self, comments: usize) -> Self {
        self.batch_size = comments;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`progress`](Self::progress).
    #[must_use]
    pub fn progress(mut self, tell: &'a dyn Fn(EvaluationProgress)) -> Self {
        self.progress = tell;
        self
    }

    /// What every section depends on, of what stands here: features and the frames that they are
    /// of, division, names, seed. The model's files, the comments' and the words are the caller's
    /// to add.
    #[must_use]
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
                learnt_from: vec![vec![Comment::new(Vpos(100), "草")]],
            };
            let split = SplitSource::default();
            let data = EvaluationData::new(&captioner, &store, &pieces, comments, &split).unwrap();
            EvaluationContext::new(&captioner, &store, &data, &pieces).inputs()
        };
        let all = inputs("all", Sampling::All);
        assert!(all.changes_to(&inputs("again", Sampling::All)).is_empty());
        let given = inputs("given", Sampling::Frames((0..40).collect()));
        let changes = all.changes_to(&given).into_iter();
        let changed: Vec<String> = changes.map(|change| change.input).collect();
        assert_eq!(changed, ["sampling"]);
    }
}
