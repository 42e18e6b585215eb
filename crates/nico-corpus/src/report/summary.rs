use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{boxes::Naming, training_summary::TrainingSummary};

/// What a run came to: the file `summary.json` of its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunSummary {
    /// The video learnt from.
    pub video: PathBuf,
    /// The video commented on.
    pub target: PathBuf,
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

/// Names written, and how many of them while their character was seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenNames {
    /// Comments written to count them.
    pub comments: usize,
    /// Names in them.
    pub written: u64,
    /// Names written while their character was seen.
    pub while_seen: u64,
    /// Their share of all names, 0 to 1.
    pub share: f64,
    /// The share that the same names would have at random moments.
    pub chance: f64,
}

impl WrittenNames {
    /// What was counted in so many comments.
    #[must_use]
    pub fn new(comments: usize, naming: &Naming) -> Self {
        Self {
            comments,
            written: naming.said,
            while_seen: naming.seen,
            share: naming.share(),
            chance: naming.chance(),
        }
    }
}

impl fmt::Display for WrittenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} names in {} comments, {:.0} % of them while the character is seen; chance {:.0} %",
            self.written,
            self.comments,
            100.0 * self.share,
            100.0 * self.chance
        )
    }
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
