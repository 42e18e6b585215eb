use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    data::{EvaluationData, SplitSummary},
    generation::GenerationSection,
    grounding,
    likelihood::LikelihoodSection,
    retrieval::RetrievalSection,
};
use crate::grounding::Grounding;

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
    /// The tables as Markdown, as `evaluation.md` has them.
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
    pub fn division(&self) -> &SplitSummary {
        &self.division
    }
}

impl SplitSummary {
    /// The division in words.
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
