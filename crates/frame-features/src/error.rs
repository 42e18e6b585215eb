//! What can go wrong, and where.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::encoder::EncoderId;
use crate::layer::Layer;

/// A cause of whatever type.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why weights, a video or features could not be used. Messages name the file; what caused an error
/// is its [`source`](std::error::Error::source) and not part of the message.
///
/// # Example
///
/// ```
/// use frame_features::{Error, FeatureStore};
///
/// let error = FeatureStore::open("no/such/store").unwrap_err();
/// assert!(matches!(error, Error::NoStore { .. }));
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
    /// The caller's progress function asked to stop. Whole blocks of the store are there.
    #[error("stopped before the end; the same extraction goes on from there")]
    Stopped,
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
    /// A file of weights is no such file, is cut off or is of an unknown kind.
    #[error("{}: not usable as weights of VGG-16 or VGG-19: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What the reader of its format said.
        source: Option<BoxError>,
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
    #[error("{}: its name says that its SHA-256 begins with {expected}, but it begins with {found}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The digits in the name.
        expected: String,
        /// As many digits of the file.
        found: String,
    },
    /// The encoder holds no weights for the layer that was asked for.
    #[error("the encoder \"{encoder}\" has no weights for {layer}")]
    NoSuchLayer {
        /// The encoder's name.
        encoder: String,
        /// The layer.
        layer: Layer,
    },
    /// An encoder is not the one that features are wanted of.
    #[error("the encoder is {found}, not {wanted}: {difference}")]
    OtherEncoder {
        /// The encoder at hand.
        found: Box<EncoderId>,
        /// The encoder that is wanted, such as that which a model learnt from.
        wanted: Box<EncoderId>,
        /// What differs first, in words.
        difference: &'static str,
    },
    /// A device did not give its result.
    #[error("the device failed")]
    Device(#[source] BoxError),
    /// An encoder that is not of this crate failed: see [`FrameEncoder`](crate::FrameEncoder).
    #[error("the encoder failed")]
    Encoder(#[source] BoxError),
    /// A file is no ONNX file, or its network makes no features of pictures.
    #[cfg(feature = "onnx")]
    #[error("{}: {problem}", path.display())]
    Onnx {
        /// The file, or that of its settings.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<crate::onnx::OnnxProblem>,
        /// What the reader of its format said.
        source: Option<BoxError>,
    },
    /// A network is in ONNX, and this crate was built without the feature `onnx`.
    #[error("{}: networks in ONNX are not read by this build, which is without its feature `onnx`", path.display())]
    WithoutOnnx {
        /// The file.
        path: PathBuf,
    },
    /// An encoder gave features of another shape than it says.
    #[error("the encoder \"{encoder}\" gave features of shape {found:?}, expected {expected:?}")]
    EncodedShape {
        /// The encoder's name.
        encoder: String,
        /// The shape that came, the pictures first.
        found: Vec<usize>,
        /// The shape that should have come.
        expected: Vec<usize>,
    },
    /// A file is no video that FFmpeg can read.
    #[error("{}: {problem}", path.display())]
    Video {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: VideoProblem,
        /// What FFmpeg said, if it was FFmpeg that refused it.
        source: Option<BoxError>,
    },
    /// A file is another one than when reading it began: what was read is thrown away.
    #[error("{}: it changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A folder has no `store.json`, so it is no feature store.
    #[error("{}: there is no store.json in it", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// Extraction into a store has not ended.
    #[error("{}: extraction into it has not ended", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
    },
    /// A store has a layout that this version does not read.
    #[error("{}: format {found}, expected {expected}", path.display())]
    Format {
        /// The store's `store.json`.
        path: PathBuf,
        /// The format that it names.
        found: u32,
        /// The format that is read.
        expected: u32,
    },
    /// A store's description is broken, or rows do not belong into a store.
    #[error("{}: not a usable feature store: {problem}", path.display())]
    Store {
        /// The folder, or its `store.json`.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What the reader of its format said.
        source: Option<BoxError>,
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
    /// Sources that are to be joined do not belong together.
    #[error("features {number} of those to join were made with {what} {found}, not {wanted}")]
    SourceMismatch {
        /// Which of the sources, from 1.
        number: usize,
        /// What differs: "encoder" or "rows of shape".
        what: &'static str,
        /// What the source was made with.
        found: String,
        /// What the first one was made with.
        wanted: String,
    },
    /// A block of a store is missing or damaged. Extraction into the store makes it again.
    #[error("{}: damaged block: {problem}", path.display())]
    Block {
        /// The block's file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What the reader of its format said.
        source: Option<BoxError>,
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
    /// No stores, or other sources, were given to be joined.
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

impl Error {
    /// Why a folder could not be locked.
    pub(crate) fn locking(error: folder_lock::Error) -> Self {
        match error {
            folder_lock::Error::Busy { folder } => Self::Busy { folder },
            folder_lock::Error::Io { folder, source } => Self::io("create", folder)(source),
        }
    }
}

/// What is wrong with a video.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum VideoProblem {
    /// It is a folder.
    Folder,
    /// It is of no format that FFmpeg knows.
    UnknownFormat,
    /// There is no video in it.
    NoVideoStream,
    /// The stream that was asked for is no video.
    NoSuchStream(usize),
    /// FFmpeg has no decoder for it.
    NoDecoder,
    /// There are no frames in it.
    NoFrames,
    /// A moment lies after the video's end.
    Outside {
        /// The moment, seconds from the first frame on.
        moment: f64,
        /// The video's length in seconds.
        length: f64,
    },
    /// A frame is empty or has too many pixels.
    FrameSize {
        /// Index of the frame.
        frame: usize,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// A frame cannot be scaled or converted.
    Scaling {
        /// Index of the frame.
        frame: usize,
    },
}

impl fmt::Display for VideoProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("this is a folder, expected a video file"),
            Self::UnknownFormat => f.write_str("FFmpeg does not take this for a video"),
            Self::NoVideoStream => f.write_str("there is no video stream in it"),
            Self::NoSuchStream(index) => write!(f, "stream {index} of it is no video"),
            Self::NoDecoder => f.write_str("FFmpeg cannot decode its video"),
            Self::NoFrames => f.write_str("there are no frames in it"),
            Self::Outside { moment, length } => write!(
                f,
                "there is no frame at {moment} s, it is {length:.2} s long"
            ),
            Self::FrameSize {
                frame,
                width,
                height,
            } => write!(
                f,
                "frame {frame} is {width}x{height}, expected up to 2^27 pixels"
            ),
            Self::Scaling { frame } => write!(f, "frame {frame} cannot be scaled"),
        }
    }
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
            source: None,
        }
    }

    pub(crate) fn tensor(path: &Path, tensor: &str, problem: impl Into<String>) -> Self {
        Self::Tensor {
            path: path.to_path_buf(),
            tensor: tensor.to_owned(),
            problem: problem.into(),
        }
    }

    #[cfg(feature = "onnx")]
    pub(crate) fn onnx(path: &Path, problem: crate::onnx::OnnxProblem) -> Self {
        Self::Onnx {
            path: path.to_path_buf(),
            problem: Box::new(problem),
            source: None,
        }
    }

    #[cfg(feature = "video")]
    pub(crate) fn video(path: &Path, problem: VideoProblem) -> Self {
        Self::Video {
            path: path.to_path_buf(),
            problem,
            source: None,
        }
    }

    pub(crate) fn store(path: &Path, problem: impl Into<String>) -> Self {
        Self::Store {
            path: path.to_path_buf(),
            problem: problem.into(),
            source: None,
        }
    }

    pub(crate) fn block(path: &Path, problem: impl Into<String>) -> Self {
        Self::Block {
            path: path.to_path_buf(),
            problem: problem.into(),
            source: None,
        }
    }

    pub(crate) fn no_such_row(row: usize, rows: usize) -> Self {
        Self::NoSuchRow {
            path: None,
            row,
            rows,
        }
    }

    pub(crate) fn device(error: impl Into<BoxError>) -> Self {
        Self::Device(error.into())
    }

    /// The same error with its cause, for the kinds that keep one.
    pub(crate) fn caused_by(mut self, cause: impl Into<BoxError>) -> Self {
        #[cfg(feature = "onnx")]
        if let Self::Onnx { source, .. } = &mut self {
            *source = Some(cause.into());
            return self;
        }
        if let Self::Weights { source, .. }
        | Self::Video { source, .. }
        | Self::Store { source, .. }
        | Self::Block { source, .. } = &mut self
        {
            *source = Some(cause.into());
        }
        self
    }
}
