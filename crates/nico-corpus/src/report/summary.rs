use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{training_summary::TrainingSummary, written_names::WrittenNames};

/// What a run came to: the file `summary.json` of its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunSummary {
    /// The video learnt from.
    pub video: PathBuf,
    /// The video commented on.
    pub target: PathBuf,
    /// The comments learnt from; absent in runs of version 0.1 before it was written down.
    #[serde(default)]
    pub comments: Vec<PathBuf>,
    /// What learning came to.
    #[serde(flatten)]
    pub learnt: TrainingSummary,
    /// Comments written for the target.
    pub comments_written: usize,
    /// Names written for the target, where boxes say who is seen when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<WrittenNames>,
    /// Frames of the commented video.
    pub frames_rendered: u64,
    /// Seconds each stage took when it was done.
    pub seconds: StageSeconds,
}

/// Seconds of each stage of a run.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StageSeconds {
    /// Tables of the comments.
    pub stats: f64,
    /// Features of the video learnt from.
    pub features: f64,
    /// Features of the target, 0 where it is the same video.
    pub target_features: f64,
    /// Training.
    pub train: f64,
    /// Writing comments.
    pub comment: f64,
    /// Drawing them over the target.
    pub render: f64,
}
