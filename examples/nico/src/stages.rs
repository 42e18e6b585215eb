//! What is done already: a stage whose inputs are the same and whose outputs exist is not done again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{failure::Outcome, files::write_json, progress::Output};

/// Another version may do a stage differently: it does it again.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The records of the stages of a folder, in its `stages/`.
#[derive(Debug)]
pub(crate) struct Stages {
    folder: PathBuf,
    output: Output,
}

/// A stage that was done.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The version of the program that did it; records of versions that did not write theirs have none.
    #[serde(default)]
    version: String,
    /// Everything its result depends on.
    inputs: Value,
    /// How long it took.
    seconds: f64,
    /// What it told the later stages.
    result: Value,
}

impl Record {
    fn is_of(&self, inputs: &Value) -> bool {
        self.version == VERSION && self.inputs == *inputs
    }
}

/// What a stage came to.
#[derive(Debug)]
pub(crate) struct Done<T> {
    /// What it told the later stages.
    pub(crate) result: T,
    /// How long it took, when it was done.
    pub(crate) seconds: f64,
}

impl Stages {
    pub(crate) fn new(folder: &Path, output: Output) -> Self {
        Self {
            folder: folder.join("stages"),
            output,
        }
    }

    /// Whether the stage was done before, with other inputs or by another version: what it left has to go.
    #[cfg(feature = "video")]
    pub(crate) fn is_stale(&self, name: &str, inputs: &Value) -> bool {
        self.read(name).is_some_and(|record| !record.is_of(inputs))
    }

    /// Does a stage unless it was done with the same inputs and all its outputs exist.
    pub(crate) fn run<T: Serialize + for<'a> Deserialize<'a>>(
        &self,
        name: &str,
        inputs: Value,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<Done<T>> {
        if let Some(record) = self.read(name)
            && record.is_of(&inputs)
            && outputs.iter().all(|path| path.exists())
            && let Ok(result) = serde_json::from_value(record.result)
        {
            self.output.say(&format!("{name}: done before"));
            return Ok(Done {
                result,
                seconds: record.seconds,
            });
        }
        let start = Instant::now();
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        let record = Record {
            version: VERSION.to_owned(),
            inputs,
            seconds,
            result: serde_json::to_value(&result)?,
        };
        write_json(&self.path(name), &record)?;
        Ok(Done { result, seconds })
    }

    /// Forgets a stage before its outputs are removed, so that a kill in between leaves no record of what is gone.
    #[cfg(feature = "video")]
    pub(crate) fn forget(&self, name: &str) -> Outcome {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(crate::failure::Failure::at(&path)(error))
            }
            _ => Ok(()),
        }
    }

    fn read(&self, name: &str) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.path(name)).ok()?).ok()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}
