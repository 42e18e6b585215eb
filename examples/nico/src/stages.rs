//! What is done already, told.

use std::path::{Path, PathBuf};

use nico_corpus::{Done, Stage, StageInputs};
use serde::{Deserialize, Serialize};

use crate::{failure::Outcome, progress::Output};

/// The stages of a folder, which no other program writes into meanwhile; says which were done
/// before.
#[derive(Debug)]
pub(crate) struct Stages {
    stages: nico_corpus::Stages,
    output: Output,
}

impl Stages {
    /// Opens them, and removes what a killed program left of these files of the folder.
    pub(crate) fn open(folder: &Path, files: &[&str], output: Output) -> Outcome<Self> {
        let stages = nico_corpus::Stages::open(folder)?;
        stages.remove_leftovers(files);
        Ok(Self { stages, output })
    }

    /// What is known of a stage.
    pub(crate) fn look(&self, name: &str, inputs: &StageInputs) -> Outcome<Stage> {
        Ok(self.stages.look(name, inputs)?)
    }

    /// Does a stage unless it was done with the same inputs and what it left is there; says so, or
    /// why it is done again.
    pub(crate) fn run<T: Serialize + for<'a> Deserialize<'a>>(
        &self,
        name: &str,
        inputs: &StageInputs,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<Done<T>> {
        let why = match self.look(name, inputs)? {
            Stage::Done => Some("done before".to_owned()),
            Stage::Missing(file) => Some(format!("again, as {file} is not there")),
            Stage::Changed(changes) => {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                Some(format!("again, as {}", changes.join(", ")))
            }
            Stage::Unknown => Some(
                "again, as it was done by a version that did not keep what it depended on"
                    .to_owned(),
            ),
            _ => None,
        };
        if let Some(why) = why {
            self.output.say(&format!("{name}: {why}"));
        }
        self.stages.run(name, inputs, outputs, work)
    }

    /// Forgets a stage and removes the folder that it left, where it was done otherwise: what is
    /// there must not be gone on with.
    #[cfg(feature = "video")]
    pub(crate) fn remove_changed(
        &self,
        name: &str,
        inputs: &StageInputs,
        folder: &Path,
    ) -> Outcome {
        if !matches!(self.look(name, inputs)?, Stage::Changed(_) | Stage::Unknown) {
            return Ok(());
        }
        if folder.exists() {
            let folder = folder.display();
            self.output.say(&format!("{name}: removing {folder}"));
        }
        // The folder first: while another program writes into it, all stays as it was. A kill in
        // between leaves a record of what is gone, which is then done again.
        self.stages.remove_folder(folder)?;
        Ok(self.stages.forget(name)?)
    }
}
