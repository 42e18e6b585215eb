//! How the comments were divided that a model learnt from: `split.json` of its folder.

use std::{fs, io, path::Path};

use frame_features::FeatureStore;
use nico_comments::SplitRule;
use serde::{Deserialize, Serialize};

use crate::{
    corpus::CorpusArgs,
    failure::{Failure, Outcome},
    files::write_json,
};

/// The name of the file.
const NAME: &str = "split.json";

/// What the division of a video's frames depends on, and which video it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SplitRecord {
    /// The rule's name.
    rule: String,
    /// What the rule drew with.
    pub(crate) seed: u64,
    /// Words after which comments were cut.
    pub(crate) cut: usize,
    /// SHA-256 of the video.
    pub(crate) video_sha256: String,
}

impl SplitRecord {
    pub(crate) fn of(args: &CorpusArgs, seed: u64, store: &FeatureStore) -> Self {
        Self {
            rule: args.split.to_string(),
            seed,
            cut: args.cut,
            video_sha256: store.info().plan.video.sha256.clone(),
        }
    }

    pub(crate) fn rule(&self) -> Outcome<SplitRule> {
        Ok(self.rule.parse()?)
    }

    /// Writes it into a model folder.
    pub(crate) fn write(&self, model: &Path) -> Outcome {
        write_json(&model.join(NAME), self)
    }

    /// Reads it from a model folder; models of programs that did not write it have none.
    pub(crate) fn read(model: &Path) -> Outcome<Option<Self>> {
        let path = model.join(NAME);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(Failure::at(&path))?,
        };
        let record: Self = serde_json::from_slice(&text)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        record
            .rule()
            .map_err(|failure| Failure::new(format!("{}: {failure}", path.display())))?;
        Ok(Some(record))
    }
}
