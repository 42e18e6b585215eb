use std::path::{Path, PathBuf};

use crate::difference::{Difference, listed, of_options};

/// Why a training could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model could not be made, read or written.
    #[error(transparent)]
    Model(#[from] caption_model::Error),
    /// The encoder or its features could not be read.
    #[error(transparent)]
    Features(#[from] frame_features::Error),
    /// A file could not be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A JSON file does not hold what it should.
    #[error("{} does not hold what it should", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What stood where.
        source: serde_json::Error,
    },
    /// A checkpoint's weights or optimiser could not be read or written.
    #[error("the checkpoint {}: {reason}", path.display())]
    Checkpoint {
        /// Its file.
        path: PathBuf,
        /// Why, as Burn tells it.
        reason: String,
    },
    /// The folder holds a training of other data, or with other options.
    #[error("{} is of another training: {}", path.display(), listed(differences))]
    OtherTraining {
        /// Its checkpoint.
        path: PathBuf,
        /// In what they differ.
        differences: Vec<Difference>,
        /// Whether it can go on with them where
        /// [`Trainer::allow_changes`](crate::Trainer::allow_changes) says so.
        may_change: bool,
    },
    /// The folder holds a model that this training did not make.
    #[error("{} holds the model of another training", path.display())]
    OtherModel {
        /// The folder.
        path: PathBuf,
    },
    /// The model to begin with does not fit the training.
    #[error(
        "training cannot begin with the weights of that model: {}",
        listed(differences)
    )]
    OtherStart {
        /// In what the training differs from it.
        differences: Vec<Difference>,
    },
    /// The folder holds no training of an encoder's blocks.
    #[error("{} holds no training of an encoder's blocks", path.display())]
    NoFineTuning {
        /// The folder.
        path: PathBuf,
    },
    /// The features are not what the network reads.
    #[error("the features are {found:?} a frame, the network reads {expected}")]
    FeatureShape {
        /// Shape of a row of the source.
        found: Vec<usize>,
        /// What the network reads.
        expected: String,
    },
    /// The training or the dev set is empty.
    #[error("the {0} set is empty")]
    NoPairs(&'static str),
    /// No video has enough comments for moments to be drawn from it.
    #[error("no video of the {set} set has {fewest} comments or more")]
    FewComments {
        /// `training` or `dev`.
        set: &'static str,
        /// How many it needs.
        fewest: usize,
    },
    /// Nothing of the dev set could say which weights of a commenter are kept.
    #[error("no comment stands in what is drawn of the dev set to be measured on")]
    NoComments,
    /// An option is out of range.
    #[error("{option} is {value}, expected {expected}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: String,
        /// The values that it may have.
        expected: &'static str,
    },
    /// The loss is no longer a number. What was written before it is as it was.
    #[error(
        "the loss became {loss} in epoch {epoch}, step {step}, at a learning rate of {learning_rate:e}{}",
        last_checkpoint(checkpoint.as_deref())
    )]
    NotFinite {
        /// The loss.
        loss: f64,
        /// Epoch, from 1.
        epoch: usize,
        /// Step in the epoch, from 1.
        step: usize,
        /// Learning rate of the step.
        learning_rate: f64,
        /// The last checkpoint before it, if there is one.
        checkpoint: Option<PathBuf>,
    },
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
    /// The caller's observer asked to stop. The folder has a checkpoint of the last step, if one
    /// was done.
    #[error("stopped before the end; the same training goes on from there")]
    Stopped,
}

fn last_checkpoint(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| {
        format!("; the last checkpoint before it is {}", path.display())
    })
}

impl Error {
    /// A commenter's checkpoint is of another training than the wanted one.
    pub(crate) fn other_commenter(
        path: &Path,
        found: &serde_json::Value,
        wanted: &serde_json::Value,
    ) -> Self {
        Self::OtherTraining {
            path: path.to_owned(),
            differences: of_options(found, wanted),
            may_change: false,
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> Self + '_ {
        |source| Self::Json {
            path: path.to_owned(),
            source,
        }
    }
}
