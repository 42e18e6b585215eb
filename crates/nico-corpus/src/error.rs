use std::path::{Path, PathBuf};

use frame_features::EncoderId;
use jp_tokenize::TokenizerDifference;

use crate::{
    boxes_error::BoxesError, captions::CaptionsError, parts::SplitError, stream::DialogueError,
    times::TimeFit,
};

/// Why a corpus could not be made, or a model not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Comments could not be read.
    #[error(transparent)]
    Comments(#[from] nico_comments::Error),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] nico_comments::WriteError),
    /// The times of frames make no timeline.
    #[error(transparent)]
    Timeline(#[from] nico_comments::TimelineError),
    /// A recorded filter leaves out a kind of comment that is unknown.
    #[error(transparent)]
    Kind(#[from] nico_comments::UnknownKind),
    /// A regular expression that comments are filtered by is wrong.
    #[error(transparent)]
    Pattern(#[from] nico_comments::PatternError),
    /// Text could not be split into words.
    #[error(transparent)]
    Words(#[from] jp_tokenize::Error),
    /// Features could not be read.
    #[error(transparent)]
    Features(#[from] frame_features::Error),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] caption_model::Error),
    /// Videos cannot be split in this way.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A file could not be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Pictures of an episode are features of another encoder than those of the others, or of what
    /// a commenter learnt from.
    #[error("{episode}: its pictures were made by {found}, and those that are read by {read}")]
    OtherPictures {
        /// The episode.
        episode: String,
        /// Its encoder.
        found: Box<EncoderId>,
        /// The encoder of what is read.
        read: Box<EncoderId>,
    },
    /// A crowd cannot be drawn.
    #[error(
        "{viewers} viewers cannot write {per_second} comments a second: expected 1 to 100,000 viewers, above 0 and at most 100 comments a second"
    )]
    Crowd {
        /// Comments a second.
        per_second: f64,
        /// Viewers.
        viewers: u32,
    },
    /// Texts are split into other words than those that the model learnt from.
    #[error("the model learnt with other words: {0}")]
    OtherWords(TokenizerDifference),
    /// Times of comments are stretched otherwise than when the model learnt from them.
    #[error("the model learnt from this video with times stretched {learnt}; asked for: {asked}")]
    OtherFit {
        /// As the model says.
        learnt: TimeFit,
        /// As was asked for.
        asked: TimeFit,
    },
    /// Times of comments are shifted otherwise than when the model learnt from them.
    #[error("the model learnt from this video with {learnt}; asked for: {asked}")]
    OtherTimes {
        /// As the model says.
        learnt: String,
        /// As was asked for.
        asked: String,
    },
    /// Another program writes into a folder.
    #[error("{}: another program is writing into this folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder that is to be written is there already.
    #[error("{}: is there already and is not written over", path.display())]
    Exists {
        /// The folder, or the file in its place.
        path: PathBuf,
    },
    /// A JSON file does not hold what it should.
    #[error("{} does not hold what it should", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What stood where.
        source: serde_json::Error,
    },
    /// A line of a file of JSON lines does not hold what it should.
    #[error("{}: line {line} does not hold what it should", path.display())]
    JsonLine {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: u64,
        /// What stood where.
        source: serde_json::Error,
    },
    /// A case is of an episode that is not there.
    #[error("case {id} is of {episode}, which is not among the episodes")]
    NoSuchEpisode {
        /// The case's number.
        id: u64,
        /// The episode.
        episode: String,
    },
    /// A case cannot be judged.
    #[error("case {id} {what}")]
    Case {
        /// Its number.
        id: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file holds no valid ground truth of boxes.
    #[error("{}: invalid ground truth of boxes", path.display())]
    Boxes {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        source: BoxesError,
    },
    /// A file holds no dialogue.
    #[error("{}: cannot be read as dialogue", path.display())]
    Dialogue {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DialogueError,
    },
    /// A folder holds no episode.
    #[error("{}: no episode here: no .json or .xml file of comments in it or its folders", folder.display())]
    NoEpisodes {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of captions cannot be used.
    #[error("{}: invalid captions", path.display())]
    Captions {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        source: CaptionsError,
    },
    /// No comment of a video says anything.
    #[error("no comment of video {video} has any text")]
    NoSpeech {
        /// Number of the video, from 1.
        video: usize,
    },
    /// There is nothing to learn from, or nothing to measure on.
    #[error("{train} comments to learn from and {dev} to measure on")]
    Empty {
        /// Comments to learn from that have words.
        train: usize,
        /// Comments to measure on that have words.
        dev: usize,
    },
    /// The vocabulary would hold no word: each word was said less often than `min_count` times.
    #[error(
        "a vocabulary of 0 words: none of the {distinct} distinct words of the comments to learn \
         from, {words} in all, was said {min_count} times; the most frequent one was said \
         {most_frequent} times"
    )]
    EmptyVocabulary {
        /// [`CorpusOptions::min_count`](crate::CorpusOptions::min_count).
        min_count: u64,
        /// Words of the comments to learn from.
        words: u64,
        /// Distinct ones among them.
        distinct: usize,
        /// How often the most frequent one was said.
        most_frequent: u64,
    },
    /// The model did not split this video, so nothing of it is held out, or all is.
    #[error("the model did not split {video}")]
    NotSplit {
        /// The video.
        video: String,
    },
    /// No second has held-out comments.
    #[error("no second has held-out comments")]
    NoMoments,
    /// No comment that was written stands in the held-out time.
    #[error("none of the written comments stands in the held-out time")]
    NothingWritten,
    /// A file holds a fitted rate that cannot be drawn from.
    #[error("{} holds a rate whose size is not positive or whose limit is negative", path.display())]
    Rate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds a rate model whose parts do not belong together.
    #[error("{} holds a rate model whose weights do not fit what it reads", path.display())]
    RateWeights {
        /// The file.
        path: PathBuf,
    },
    /// The model has no fitted rate.
    #[error("the model has no fitted rate")]
    NoFittedRate,
    /// A folder holds nothing that a run leaves.
    #[cfg(feature = "report")]
    #[error("{}: nothing of a run here: no summary.json, stats.json, model/training.jsonl, comments.xml or evaluation.md", folder.display())]
    NoRun {
        /// The folder.
        folder: PathBuf,
    },
    /// A chart cannot be drawn.
    #[cfg(feature = "report")]
    #[error("a chart cannot be drawn: {reason}")]
    Chart {
        /// Why.
        reason: String,
    },
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
}
