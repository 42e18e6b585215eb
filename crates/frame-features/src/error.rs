//! What can go wrong, and where.

use std::path::{Path, PathBuf};

/// Why weights, a video or a feature store could not be used. Every message names the file.
///
/// # Example
///
/// ```
/// use frame_features::FeatureStore;
///
/// let error = FeatureStore::open("no/such/store").unwrap_err();
/// assert!(error.to_string().contains("no/such/store"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: "read", "create" and so on.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Another program writes into the folder.
    #[error("{}: another program is writing here", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of weights is no such file, is cut off or is of an unknown kind.
    #[error("{}: not usable as VGG-19 weights: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// One tensor of a file of weights is missing, misshapen or unreadable.
    #[error("{}: tensor \"{tensor}\": {problem}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The published name of the tensor, such as `features.28.weight`.
        tensor: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file's SHA-256 does not begin as its name says, as in `vgg19-dcbb9e9d.pth`.
    #[error("{}: its name says that its SHA-256 begins with {expected}, but it begins with {found}: fetch the file again", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The digits in the name.
        expected: String,
        /// As many digits of the file.
        found: String,
    },
    /// The encoder holds no weights for the layer that was asked for.
    #[error("the encoder \"{encoder}\" has no weights for {layer}: load it for that layer")]
    NoSuchLayer {
        /// The encoder's name.
        encoder: String,
        /// The layer.
        layer: crate::Layer,
    },
    /// A device did not give its result.
    #[error("the device failed: {0}")]
    Device(String),
    /// An encoder that is not of this crate failed: see [`FrameEncoder`](crate::FrameEncoder).
    #[error("the encoder failed: {0}")]
    Encoder(Box<dyn std::error::Error + Send + Sync>),
    /// FFmpeg cannot read the file, or there is no picture in it.
    #[error("{}: {problem}", path.display())]
    Video {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder is no feature store or its description is broken.
    #[error("{}: not a usable feature store: {problem}", path.display())]
    Store {
        /// The folder, or its `store.json`.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A store exists and was made from something else.
    #[error("{}: this store was made with {what} {found}, not {wanted}", path.display())]
    StoreMismatch {
        /// The folder.
        path: PathBuf,
        /// What differs: "encoder", "layer", "video" and so on.
        what: &'static str,
        /// What the store was made with.
        found: String,
        /// What is wanted now.
        wanted: String,
    },
    /// A block of a store is missing or damaged.
    #[error("{}: damaged block: {problem}; extract the features again to repair it", path.display())]
    Block {
        /// The block's file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A row past the end was asked for.
    #[error("{}row {row} was asked for, but there are {rows}", prefix(path.as_deref()))]
    NoSuchRow {
        /// The store, if the rows are one store's.
        path: Option<PathBuf>,
        /// The row asked for.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// No stores were given to be joined.
    #[error("there are no feature stores to join")]
    NoStores,
    /// Values are not whole rows of a shape, or there are none.
    #[error("{values} numbers are not whole rows of shape {shape:?}")]
    RowShape {
        /// How many numbers there are.
        values: usize,
        /// Shape of a row.
        shape: Vec<usize>,
    },
    /// A feature is not a number.
    #[error("number {index} of the features is NaN")]
    NotANumber {
        /// Its place among the values, from 0.
        index: usize,
    },
}

/// What a message about a file begins with.
fn prefix(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| format!("{}: ", path.display()))
}

impl Error {
    pub(crate) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(crate) fn weights(path: &Path, problem: impl Into<String>) -> Self {
        Self::Weights {
            path: path.to_path_buf(),
            problem: problem.into(),
        }
    }

    pub(crate) fn tensor(path: &Path, tensor: &str, problem: impl Into<String>) -> Self {
        Self::Tensor {
            path: path.to_path_buf(),
            tensor: tensor.to_owned(),
            problem: problem.into(),
        }
    }

    pub(crate) fn store(path: &Path, problem: impl Into<String>) -> Self {
        Self::Store {
            path: path.to_path_buf(),
            problem: problem.into(),
        }
    }

    pub(crate) fn no_such_row(row: usize, rows: usize) -> Self {
        Self::NoSuchRow {
            path: None,
            row,
            rows,
        }
    }

    pub(crate) fn block(path: &Path, problem: impl Into<String>) -> Self {
        Self::Block {
            path: path.to_path_buf(),
            problem: problem.into(),
        }
    }
}
