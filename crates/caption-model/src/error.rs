use std::path::{Path, PathBuf};

use burn::module::Module;

use crate::model_problem::ModelProblem;

/// Why a model could not be made, saved, loaded or used.
///
/// ```
/// let error = caption_model::Captioner::from_dir("no/such/model", &burn::tensor::Device::flex());
/// assert!(error.unwrap_err().to_string().contains("no/such/model"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A JSON file of a model folder does not hold what it should.
    #[error("{} does not hold what it should", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What stood where.
        source: serde_json::Error,
    },
    /// A file of a model folder holds something that does not fit together.
    #[error("{} does not fit", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: ModelProblem,
    },
    /// Another program writes into the folder now.
    #[error("another program is writing into {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The features cannot be read.
    #[error(transparent)]
    Features(#[from] frame_features::Error),
    /// The features are not what the network reads.
    #[error("the features are {found:?} a frame, the model reads {expected}")]
    FeatureShape {
        /// Shape of a row of the store.
        found: Vec<usize>,
        /// What the network reads.
        expected: String,
    },
    /// The features come from another encoder than those the model learnt from.
    #[error("the features come from {features}, the model reads {model}")]
    OtherEncoder {
        /// Encoder of the features.
        features: String,
        /// Encoder of the model.
        model: String,
    },
    /// The encoder that the model's features came from is not at hand: it is not built in, and its
    /// weights were not given.
    #[error("encoder not found: the model reads {wanted}")]
    NoEncoder {
        /// The encoder.
        wanted: String,
    },
    /// The vocabulary is not the network's.
    #[error("the vocabulary holds {vocabulary} words, the network writes {network}")]
    VocabularySize {
        /// Words of the vocabulary, special ones included.
        vocabulary: usize,
        /// Words of the network.
        network: usize,
    },
    /// The network has not as many weights as one of the configuration.
    #[error("the network has {found} weights, that of the configuration {expected}")]
    OtherNetwork {
        /// Weights of the network.
        found: u128,
        /// Weights of a network of the configuration.
        expected: u128,
    },
    /// A commenter is asked for what one of its networks does, and that was not trained.
    #[error("the commenter's {network} was not trained")]
    NotTrained {
        /// Which one: `matcher`, which says what fits, or `transformer`, which writes.
        network: &'static str,
    },
    /// The vocabulary cannot be read or written.
    #[error(transparent)]
    Vocabulary(#[from] jp_tokenize::Error),
    /// There are no pairs to measure on.
    #[error("there are no pairs of frames and comments to measure on")]
    NoPairs,
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
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
}

impl From<folder_lock::Error> for Error {
    fn from(error: folder_lock::Error) -> Self {
        match error {
            folder_lock::Error::Busy { folder } => Self::Busy { folder },
            folder_lock::Error::Io { folder, source } => Self::io(&folder)(source),
        }
    }
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

    pub(crate) fn model(path: &Path, source: ModelProblem) -> Self {
        Self::Model {
            path: path.to_owned(),
            source,
        }
    }
}

/// Refuses a network that has not the weights of its configuration.
pub(crate) fn check_weights(network: &impl Module, expected: u128) -> Result<(), Error> {
    let found = network.num_params() as u128;
    if found == expected {
        return Ok(());
    }
    Err(Error::OtherNetwork { found, expected })
}

/// Refuses words that the vocabulary does not have: on a GPU nothing would say so.
pub(crate) fn check_words<'a>(
    words: impl IntoIterator<Item = &'a u32>,
    num_words: usize,
) -> Result<(), Error> {
    let mut words = words.into_iter();
    match words.find(|&&word| word as usize >= num_words) {
        None => Ok(()),
        Some(word) => Err(Error::Option {
            option: "a word",
            value: word.to_string(),
            expected: "an id of the vocabulary",
        }),
    }
}

/// Refuses batches of nothing.
pub(crate) fn check_batch_size(batch_size: usize) -> Result<(), Error> {
    if batch_size > 0 {
        return Ok(());
    }
    Err(Error::Option {
        option: "batch_size",
        value: "0".into(),
        expected: "1 or more",
    })
}
