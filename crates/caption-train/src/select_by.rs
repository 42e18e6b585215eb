use serde::{Deserialize, Serialize};

/// Criterion for the best epoch. Of equally good epochs the earliest is the best; what differs by
/// less than a millionth of a millionth is equal, so that rounding decides nothing, and a score
/// that is no number is worse than any number.
///
/// ```
/// use caption_train::SelectBy;
///
/// let by: SelectBy = serde_json::from_str(r#"{"comments":{"frames":256}}"#)?;
/// assert_eq!(by, SelectBy::Comments { frames: 256 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SelectBy {
    /// The lowest perplexity per word on dev, every word after the real ones before it.
    #[default]
    Perplexity,
    /// The highest score of comments that the model writes by itself, for so many dev frames,
    /// always the same ones, the most probable word each time (no comment is empty, none has an
    /// unknown word): [`FrameF1`](crate::FrameF1), or the metric given to
    /// [`Trainer::metric`](crate::Trainer::metric).
    Comments {
        /// Most frames to write for.
        frames: usize,
    },
}
