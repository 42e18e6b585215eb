//! What is kept of a stage: a file in the folder `stages`.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::inputs::StageInputs;
use crate::file_id::FileId;
use crate::{error::Error, files::write_json};

/// Another version may do a stage differently: it does it again.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The form of the file. Those of form 1, which have no such number, kept inputs as a program's
/// debug text and files by their paths.
const FORM: u32 = 2;

/// A stage that was begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    form: u32,
    /// The version of the program that did it.
    pub(super) version: String,
    /// Everything its result depends on.
    pub(super) inputs: StageInputs,
    /// What came of it; nothing if it was not done to its end.
    pub(super) done: Option<Finished>,
}

/// What a stage came to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Finished {
    /// How long it took.
    pub(super) seconds: f64,
    /// What it told the later stages.
    pub(super) result: Value,
    /// The files that it left, by what they are called in the job's folder.
    pub(super) outputs: BTreeMap<String, FileId>,
}

/// What is kept of a stage.
#[derive(Debug)]
pub(super) enum Kept {
    /// Nothing.
    Nothing,
    /// A record.
    Record(Box<Record>),
    /// A file that does not say what the stage depended on.
    Unknown,
}

impl Record {
    pub(super) fn begun(inputs: StageInputs) -> Self {
        Self {
            form: FORM,
            version: VERSION.to_owned(),
            inputs,
            done: None,
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        write_json(path, self)
    }

    pub(super) fn read(path: &Path) -> Result<Kept, Error> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::Nothing),
            text => text.map_err(Error::io(path))?,
        };
        Ok(match serde_json::from_slice::<Self>(&text) {
            Ok(record) if record.form == FORM => Kept::Record(Box::new(record)),
            _ => Kept::Unknown,
        })
    }
}
