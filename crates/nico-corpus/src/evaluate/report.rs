use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    context::EvaluationContext,
    data::{EvaluationData, SplitSummary},
    generation::GenerationSection,
    grounding,
    likelihood::LikelihoodSection,
    retrieval::RetrievalSection,
};
use crate::{grounding::Grounding, stages::Done};

/// What a model was measured to be; `evaluation.json` holds it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// The model's folder.
    pub model: PathBuf,
    /// Seed of what was drawn.
    pub seed: u64,
    /// How the comments were divided.
    pub division: SplitSummary,
    /// Perplexity, bits a character, visual gain.
    pub likelihood: Option<LikelihoodSection>,
    /// A moment's comments among others.
    pub retrieval: Option<RetrievalSection>,
    /// Diversity, copying and timing.
    pub writing: Option<GenerationSection>,
    /// Who is looked at, where boxes tell who is where.
    pub grounding: Option<Grounding>,
    /// How long each section took when it was measured.
    pub seconds: Seconds,
}

/// How long the sections of an [`Evaluation`] took, seconds; 0 for those that were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Of [`Evaluation::likelihood`].
    pub likelihood: f64,
    /// Of [`Evaluation::retrieval`].
    pub retrieval: f64,
    /// Of [`Evaluation::writing`].
    pub writing: f64,
    /// Of [`Evaluation::grounding`].
    pub grounding: f64,
}

impl Evaluation {
    /// An evaluation of the model in this folder, of which nothing is measured yet.
    #[must_use]
    pub fn new(model: &Path, context: &EvaluationContext<'_>) -> Self {
        Self {
            model: model.to_owned(),
            seed: context.seed,
            division: context.data.division.clone(),
            likelihood: None,
            retrieval: None,
            writing: None,
            grounding: None,
            seconds: Seconds::default(),
        }
    }

    /// Sets [`likelihood`](Self::likelihood), and how long it took.
    #[must_use]
    pub fn likelihood(mut self, done: Done<LikelihoodSection>) -> Self {
        (self.likelihood, self.seconds.likelihood) = (Some(done.result), done.seconds);
        self
    }

    /// Sets [`retrieval`](Self::retrieval), and how long it took.
    #[must_use]
    pub fn retrieval(mut self, done: Done<RetrievalSection>) -> Self {
        (self.retrieval, self.seconds.retrieval) = (Some(done.result), done.seconds);
        self
    }

    /// Sets [`writing`](Self::writing), and how long it took.
    #[must_use]
    pub fn writing(mut self, done: Done<GenerationSection>) -> Self {
        (self.writing, self.seconds.writing) = (Some(done.result), done.seconds);
        self
    }

    /// Sets [`grounding`](Self::grounding), and how long it took.
    #[must_use]
    pub fn grounding(mut self, done: Done<Grounding>) -> Self {
        (self.grounding, self.seconds.grounding) = (Some(done.result), done.seconds);
        self
    }

    /// The tables as Markdown, as `evaluation.md` has them.
    #[must_use]
    pub fn report(&self) -> String {
        let mut out = format!("# Evaluation of {}\n\n", self.model.display());
        out.push_str(&self.division.sentence());
        out.push_str("\n\n");
        if let Some(likelihood) = &self.likelihood {
            likelihood.write(&mut out);
        }
        if let Some(retrieval) = &self.retrieval {
            retrieval.write(&mut out);
        }
        if let Some(writing) = &self.writing {
            writing.write(&mut out);
        }
        if let Some(grounding) = &self.grounding {
            grounding::write(grounding, &mut out);
        }
        out
    }
}

impl EvaluationData {
    /// How the comments were divided.
    #[must_use]
    pub fn division(&self) -> &SplitSummary {
        &self.division
    }
}

impl SplitSummary {
    /// The division in words.
    #[must_use]
    pub fn sentence(&self) -> String {
        let leaky = if self.split == "frames" {
            " This split leaks: every held-out picture has neighbours that were learnt from."
        } else {
            ""
        };
        format!(
            "Split by {} (seed {}): {} comments learnt from, {} held out over {} whole seconds, {} in neither. Leak: {} of {} distinct held-out comments are also in train ({:.1} %).{leaky}",
            self.split,
            self.seed,
            self.train,
            self.dev,
            self.held_out_seconds,
            self.guard,
            self.leaked,
            self.dev_distinct,
            100.0 * self.leak
        )
    }
}
