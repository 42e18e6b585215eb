//! How the comments were divided that a model learnt from: `split.json` of its folder.

use std::{fmt, fs, io, path::Path};

use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use crate::{error::Error, files::write_json, split::SplitRule};

/// The name of the file.
const NAME: &str = "split.json";

/// What `split.json` says of splits by whole videos.
const VIDEOS: &str = "videos";

/// What the division of each video's frames depends on, and which videos they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRecord {
    /// The rule's name, or `videos` where whole ones were held out.
    split: String,
    /// What the rule drew with.
    pub seed: u64,
    /// Words after which comments were cut.
    pub cut: usize,
    /// SHA-256 of the videos.
    videos: Vec<String>,
}

impl SplitRecord {
    /// A record of videos that were divided by `split` with `seed`, their comments cut after `cut`
    /// words.
    pub fn new<'a>(
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
    ///
    /// # Errors
    ///
    /// Fails if no split has the recorded name.
    pub fn rule(&self) -> Result<Option<SplitRule>, Error> {
        if self.split == VIDEOS {
            return Ok(None);
        }
        let unknown = |_| Error::UnknownSplit {
            split: self.split.clone(),
        };
        self.split.parse().map(Some).map_err(unknown)
    }

    /// Whether the video was there.
    pub fn has(&self, store: &FeatureStore) -> bool {
        self.videos.contains(&store.info().plan.video.sha256)
    }

    /// Writes it into a model folder.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn write(&self, model: &Path) -> Result<(), Error> {
        write_json(&model.join(NAME), self)
    }

    /// Reads it from a model folder; a model that was trained without a corpus has none.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read or does not hold a record.
    pub fn read(model: &Path) -> Result<Option<Self>, Error> {
        let path = model.join(NAME);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(Error::io(&path))?,
        };
        let record: Self = serde_json::from_slice(&text).map_err(Error::json(&path))?;
        record.rule()?;
        Ok(Some(record))
    }
}
