use crate::model::NetworkProblem;

/// A cause of whatever type.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a file of a model folder cannot be used although it can be read, or not be written although
/// there is room: what does not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelProblem {
    /// It is the folder of a commenter, where a captioner is asked for.
    #[error("this is the folder of a commenter, and a captioner is asked for")]
    Commenter,
    /// It is the folder of a captioner, where a commenter is asked for.
    #[error("this is the folder of a captioner, and a commenter is asked for")]
    Captioner,
    /// A layer of the network is empty, or larger than any that is real.
    #[error("a size of the network is {size}, expected 1 to {most}")]
    Size {
        /// The size.
        size: usize,
        /// The largest that is believed.
        most: usize,
    },
    /// No network can be made of the configuration.
    #[error(transparent)]
    Network(#[from] NetworkProblem),
    /// The vocabulary is not the network's.
    #[error("it holds {vocabulary} words, config.json says {network}")]
    VocabularySize {
        /// Words of the vocabulary, special ones included.
        vocabulary: usize,
        /// Words of the network.
        network: usize,
    },
    /// The comment rate is of a video with no such number of frames a second.
    #[error("it was counted at {frame_rate} frames a second, expected 0 to {most}")]
    FrameRate {
        /// Frames a second.
        frame_rate: f64,
        /// The most that are believed.
        most: usize,
    },
    /// The comment rate is of frames with more comments than any has.
    #[error("it counted frames of {comments} comments, expected at most {most}")]
    CommentsOfFrame {
        /// Comments of a frame.
        comments: usize,
        /// The most that are believed.
        most: usize,
    },
    /// The weights are no safetensors file.
    #[error("it is no safetensors file")]
    NotSafetensors(#[source] BoxError),
    /// The weights are of a network without this tensor.
    #[error("it has no tensor {name}")]
    NoTensor {
        /// Its name.
        name: &'static str,
    },
    /// The counts of n-grams cannot be used.
    #[error("it holds no counts of n-grams: {0}")]
    Ngrams(&'static str),
    /// The weights are of a network that writes another number of words.
    #[error("{name} is {shape:?}, config.json says {words} words")]
    WordVectors {
        /// Name of the tensor of word vectors.
        name: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// Words of the network.
        words: usize,
    },
    /// The weights are fewer than the network's.
    #[error("it holds {found} numbers, the network of the configuration has {expected}")]
    TooFewWeights {
        /// Numbers of all tensors of the file.
        found: u128,
        /// Numbers of the network's weights.
        expected: u128,
    },
    /// The weights are of another network.
    #[error("it holds no weights of the network that config.json describes")]
    OtherWeights(#[source] BoxError),
    /// The network's weights could not be put into a file.
    #[error("the weights cannot be put into a file")]
    Unwritable(#[source] BoxError),
}

impl ModelProblem {
    pub(crate) fn other_weights(error: impl Into<BoxError>) -> Self {
        Self::OtherWeights(error.into())
    }

    pub(crate) fn unwritable(error: impl Into<BoxError>) -> Self {
        Self::Unwritable(error.into())
    }
}
