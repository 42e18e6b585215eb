use std::path::{Path, PathBuf};

/// What can go wrong in training, saving, loading and generating.
///
/// ```
/// let error = caption_model::Captioner::from_dir("no/such/model", &burn::tensor::Device::flex());
/// assert!(error.unwrap_err().to_string().contains("no/such/model"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A JSON file of a model folder does not hold what it should.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What stood where.
        source: serde_json::Error,
    },
    /// A file of a model folder holds something that does not fit together.
    #[error("{}: {message}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What does not fit, and what to do.
        message: String,
    },
    /// The features cannot be read.
    #[error(transparent)]
    Features(#[from] frame_features::Error),
    /// The features are not what the network reads.
    #[error(
        "the features are {found:?} a frame, the model reads {expected}; extract them with the other layer or encoder"
    )]
    FeatureShape {
        /// Shape of a row of the store.
        found: Vec<usize>,
        /// What the network reads.
        expected: String,
    },
    /// The features come from another encoder than those the model learnt from.
    #[error(
        "the features come from {features}, the model reads {model}; extract them with the model's encoder"
    )]
    OtherEncoder {
        /// Encoder of the features.
        features: String,
        /// Encoder of the model.
        model: String,
    },
    /// The vocabulary cannot be read or written.
    #[error(transparent)]
    Vocabulary(#[from] jp_tokenize::Error),
    /// There is nothing to learn from, or nothing to measure on.
    #[error("no (frame, comment) pairs to {0}")]
    NoPairs(&'static str),
    /// An option has a value that cannot work.
    #[error("{option} is {value}, expected {expected}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The loss is no longer a number. The checkpoints and the best model written before it are as they were.
    #[error(
        "the loss became {loss} in epoch {epoch}, step {step}, at a learning rate of {learning_rate:e}; try a third of the rate, a \
         warm-up or a smaller clip norm, in another folder: {kept}"
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
        /// What is kept of the training before it, in words.
        kept: String,
    },
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
}

impl Error {
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

    pub(crate) fn model(path: &Path, message: impl Into<String>) -> Self {
        Self::Model {
            path: path.to_owned(),
            message: message.into(),
        }
    }
}
