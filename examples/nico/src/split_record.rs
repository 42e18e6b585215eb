//! How the comments were divided that a model learnt from: `split.json` of its folder.

use std::{fmt, fs, io, path::Path};

use frame_features::FeatureStore;
use nico_corpus::SplitRule;
use serde::{Deserialize, Serialize};

use crate::{
    failure::{Failure, Outcome},
    files::write_json,
};

/// The name of the file.
const NAME: &str = "split.json";

/// What `split.json` says of splits by whole videos.
const VIDEOS: &str = "videos";

/// What the division of each video's frames depends on, and which videos they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SplitRecord {
    /// The rule's name, or `videos` where whole ones were held out.
    split: String,
    /// What the rule drew with.
    pub(crate) seed: u64,
    /// Words after which comments were cut.
    pub(crate) cut: usize,
    /// SHA-256 of the videos.
    videos: Vec<String>,
}

impl SplitRecord {
    pub(crate) fn new<'a>(
        split: impl fmt::Display,
        seed: u64,
        cut: usize,
        stores: impl IntoIterator<Item = &'a FeatureStore>,
    ) -> Self {
        let sha256 = |store: &FeatureStore| store.info().plan.video.sha256.clone();
        Self {
            split: split.to_string(),
            seed,
            cut,
            videos: stores.into_iter().map(sha256).collect(),
        }
    }

    /// How the frames of a video were split, or nothing where all of it was for one part.
    pub(crate) fn rule(&self) -> Outcome<Option<SplitRule>> {
        if self.split == VIDEOS {
            return Ok(None);
        }
        Ok(Some(self.split.parse()?))
    }

    /// Whether the video was there.
    pub(crate) fn has(&self, store: &FeatureStore) -> bool {
        self.videos.contains(&store.info().plan.video.sha256)
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
