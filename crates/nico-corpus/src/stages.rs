//! What is done already: a stage whose inputs are the same and whose outputs exist is not done
//! again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{error::Error, files::write_json};

/// Another version may do a stage differently: it does it again.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The stages of a long job that were done, recorded in the folder `stages/` of its own.
///
/// ```
/// use nico_corpus::{Error, Stages};
///
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let folder = folder.path();
/// let stages = Stages::new(folder);
/// let inputs = serde_json::json!({ "comments": "sha256 of the file" });
/// let count = || -> Result<usize, Error> { Ok(42) }; // long work
/// assert!(!stages.run("count", inputs.clone(), &[], count)?.was_done);
/// assert!(stages.run("count", inputs, &[], count)?.was_done);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Stages {
    folder: PathBuf,
}

/// A stage that was done.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The version of the program that did it; records of versions that did not write theirs have
    /// none.
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
pub struct Done<T> {
    /// What it told the later stages.
    pub result: T,
    /// How long it took, when it was done.
    pub seconds: f64,
    /// Whether it had been done before.
    pub was_done: bool,
}

impl Stages {
    /// The stages of a folder.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join("stages"),
        }
    }

    /// Whether the stage was done before, with other inputs or by another version: what it left has
    /// to go.
    pub fn is_stale(&self, name: &str, inputs: &Value) -> bool {
        self.read(name).is_some_and(|record| !record.is_of(inputs))
    }

    /// Does a stage unless it was done with the same inputs and all its outputs exist.
    ///
    /// # Errors
    ///
    /// Fails where `work` does, and if its record cannot be written.
    pub fn run<T: Serialize + for<'a> Deserialize<'a>, E: From<Error>>(
        &self,
        name: &str,
        inputs: Value,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Done<T>, E> {
        if let Some(record) = self.read(name)
            && record.is_of(&inputs)
            && outputs.iter().all(|path| path.exists())
            && let Ok(result) = serde_json::from_value(record.result)
        {
            return Ok(Done {
                result,
                seconds: record.seconds,
                was_done: true,
            });
        }
        let start = Instant::now();
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        let path = self.path(name);
        let record = Record {
            version: VERSION.to_owned(),
            inputs,
            seconds,
            result: serde_json::to_value(&result).map_err(Error::json(&path))?,
        };
        write_json(&path, &record)?;
        Ok(Done {
            result,
            seconds,
            was_done: false,
        })
    }

    /// Forgets a stage before its outputs are removed, so that a kill in between leaves no record
    /// of what is gone.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if the record cannot be removed.
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&path)(error))
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
