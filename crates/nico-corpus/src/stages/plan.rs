//! Which stages would be done again, told before any is.

use std::fmt;

use super::{Stage, StageInputs, Stages};
use crate::error::Error;

/// A stage that is to be done.
///
/// The example is of [`Stages::outdated`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlannedStage {
    name: String,
    inputs: Option<StageInputs>,
    after: Vec<String>,
}

impl PlannedStage {
    /// A stage by its name, with what it depends on; nothing where that is not known before the
    /// stages before it are done.
    #[must_use]
    pub fn new(name: impl Into<String>, inputs: Option<StageInputs>) -> Self {
        Self {
            name: name.into(),
            inputs,
            after: Vec::new(),
        }
    }

    /// Sets the stages whose results it takes.
    #[must_use]
    pub fn after(mut self, stages: &[&str]) -> Self {
        self.after = stages.iter().map(|&stage| stage.to_owned()).collect();
        self
    }
}

/// Stages that were done otherwise: what changed, and what would be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutdatedStages {
    /// What is not as it was, each thing once.
    pub causes: Vec<String>,
    /// The stages that depend on it, directly or through others.
    pub stages: Vec<String>,
}

/// "epochs was 1, is 2; to be done again: train, comment".
impl fmt::Display for OutdatedStages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (causes, stages) = (self.causes.join("; "), self.stages.join(", "));
        write!(f, "{causes}; to be done again: {stages}")
    }
}

impl Stages {
    /// Which of these stages, in their order, were done or begun with other inputs, and what follows
    /// from that; nothing if none was.
    ///
    /// ```
    /// use nico_corpus::{Error, PlannedStage, StageInputs, Stages};
    ///
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let folder = folder.path();
    /// let stages = Stages::open(folder)?;
    /// let train = |epochs| StageInputs::default().value("epochs", &epochs);
    /// let write = StageInputs::default().value("rate", "auto");
    /// let plan = |epochs| {
    ///     let write = PlannedStage::new("write", Some(write.clone())).after(&["train"]);
    ///     [PlannedStage::new("train", Some(train(epochs))), write]
    /// };
    /// stages.run("train", &train(1), &[], || Ok::<_, Error>(()))?;
    /// stages.run("write", &write, &[], || Ok::<_, Error>(()))?;
    /// assert!(stages.outdated(&plan(1))?.is_none());
    /// let outdated = stages.outdated(&plan(2))?.expect("an epoch more");
    /// assert_eq!(outdated.to_string(), "epochs was 1, is 2; to be done again: train, write");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`look`](Self::look).
    pub fn outdated(&self, plan: &[PlannedStage]) -> Result<Option<OutdatedStages>, Error> {
        let mut outdated = OutdatedStages {
            causes: Vec::new(),
            stages: Vec::new(),
        };
        for PlannedStage {
            name,
            inputs,
            after,
        } in plan
        {
            let follows = after.iter().any(|stage| outdated.stages.contains(stage));
            let found = match inputs {
                Some(inputs) => self.look(name, inputs)?,
                None => Stage::New,
            };
            let causes = match &found {
                Stage::Changed(changes) => changes.iter().map(ToString::to_string).collect(),
                Stage::Unknown => vec![found.to_string()],
                Stage::New | Stage::Unfinished => continue,
                Stage::Done | Stage::Missing(_) => Vec::new(),
            };
            if follows || !causes.is_empty() {
                outdated.stages.push(name.clone());
            }
            // What follows from another stage is no cause of its own, such as the model that it left.
            let new = causes.into_iter().filter(|_| !follows);
            for cause in new {
                if !outdated.causes.contains(&cause) {
                    outdated.causes.push(cause);
                }
            }
        }
        Ok((!outdated.causes.is_empty()).then_some(outdated))
    }
}
