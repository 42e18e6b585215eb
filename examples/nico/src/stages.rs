//! What is done already, told.

use std::path::{Path, PathBuf};

#[cfg(feature = "video")]
use anyhow::anyhow;
#[cfg(feature = "video")]
use nico_corpus::PlannedStage;
use nico_corpus::{Done, Stage, StageInputs};
use serde::{Deserialize, Serialize};

#[cfg(feature = "video")]
use crate::known_file::KnownFile;
use crate::{failure::Outcome, progress::Output};

/// The stages of a folder, which no other program writes into meanwhile; says which were done
/// before.
#[derive(Debug)]
pub(crate) struct Stages {
    stages: nico_corpus::Stages,
    /// Files that have to be what they were for as long as stages are done.
    #[cfg(feature = "video")]
    watched: Vec<KnownFile>,
    output: Output,
}

impl Stages {
    /// Opens them, and removes what a killed program left of these files of the folder.
    pub(crate) fn open(folder: &Path, files: &[&str], output: Output) -> Outcome<Self> {
        let stages = nico_corpus::Stages::open(folder)?;
        stages.remove_leftovers(files);
        Ok(Self {
            stages,
            #[cfg(feature = "video")]
            watched: Vec::new(),
            output,
        })
    }

    /// Has every stage fail that ends after one of these files has changed: what is recorded of
    /// them was read at the beginning.
    #[cfg(feature = "video")]
    pub(crate) fn watch(mut self, files: Vec<KnownFile>) -> Self {
        self.watched = files;
        self
    }

    /// Stops if stages were done with other inputs, and says what would be done again; goes on if
    /// that is wanted.
    #[cfg(feature = "video")]
    pub(crate) fn check(&self, folder: &Path, plan: &[PlannedStage], again: bool) -> Outcome {
        match self.stages.outdated(plan)? {
            Some(outdated) if again => self.output.say(&outdated.to_string()),
            Some(outdated) => {
                return Err(anyhow!(
                    "{}: {outdated}, and what these left to be removed; --again does it, another --out keeps it",
                    folder.display()
                ));
            }
            None => {}
        }
        Ok(())
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
        match self.stages.look(name, inputs)? {
            Stage::New | Stage::Unfinished => {}
            Stage::Done => self.output.say(&format!("{name}: {}", Stage::Done)),
            why => self.output.say(&format!("{name}: again, as {why}")),
        }
        self.stages.run(name, inputs, outputs, || {
            let result = work()?;
            #[cfg(feature = "video")]
            self.watched.iter().try_for_each(KnownFile::check)?;
            Ok(result)
        })
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
        let found = self.stages.look(name, inputs)?;
        if !matches!(found, Stage::Changed(_) | Stage::Unknown) {
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

#[cfg(all(test, feature = "video"))]
mod tests {
    use super::*;

    /// What is recorded as done was made of what is recorded.
    #[test]
    fn a_stage_in_which_a_watched_file_changes_is_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let video = folder.path().join("video.mp4");
        std::fs::write(&video, "pictures").unwrap();
        let watched = vec![KnownFile::read(&video).unwrap()];
        let stages = Stages::open(&folder.path().join("run"), &[], Output::new(true)).unwrap();
        let stages = stages.watch(watched);
        let inputs = StageInputs::default();
        let replace = || Ok(std::fs::write(&video, "others")?);
        let error = stages.run("render", &inputs, &[], replace).unwrap_err();
        assert!(
            error.to_string().contains("video.mp4: it changed"),
            "{error}"
        );
        let found = stages.stages.look("render", &inputs).unwrap();
        assert_eq!(found, Stage::Unfinished);

        let restore = || Ok(std::fs::write(&video, "pictures")?);
        assert!(
            !stages
                .run("render", &inputs, &[], restore)
                .unwrap()
                .was_done
        );
        assert!(
            stages
                .run("render", &inputs, &[], restore)
                .unwrap()
                .was_done
        );
    }
}
