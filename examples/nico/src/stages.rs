//! What is done already, told.

use std::path::{Path, PathBuf};

use nico_corpus::Done;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{failure::Outcome, progress::Output};

/// The stages of a folder; says which were done before.
#[derive(Debug)]
pub(crate) struct Stages {
    stages: nico_corpus::Stages,
    output: Output,
}

impl Stages {
    pub(crate) fn new(folder: &Path, output: Output) -> Self {
        Self {
            stages: nico_corpus::Stages::new(folder),
            output,
        }
    }

    /// Whether the stage was done before, with other inputs or by another version: what it left has
    /// to go.
    #[cfg(feature = "video")]
    pub(crate) fn is_stale(&self, name: &str, inputs: &Value) -> bool {
        self.stages.is_stale(name, inputs)
    }

    /// Does a stage unless it was done with the same inputs and all its outputs exist.
    pub(crate) fn run<T: Serialize + for<'a> Deserialize<'a>>(
        &self,
        name: &str,
        inputs: Value,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<Done<T>> {
        let done = self.stages.run(name, inputs, outputs, work)?;
        if done.was_done {
            self.output.say(&format!("{name}: done before"));
        }
        Ok(done)
    }

    /// Forgets a stage before its outputs are removed.
    #[cfg(feature = "video")]
    pub(crate) fn forget(&self, name: &str) -> Outcome {
        Ok(self.stages.forget(name)?)
    }
}
