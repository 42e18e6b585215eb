use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{error::Error, files::write_atomic};

/// One epoch of training: a line of `training.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochRecord {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Mean negative log-likelihood of a training word while training, nats.
    pub train_nll: f64,
    /// Mean negative log-likelihood of a dev word after the epoch, nats.
    pub dev_nll: f64,
    /// Perplexity per word on dev, `exp(dev_nll)`.
    pub dev_perplexity: f64,
    /// Score of the comments that the model wrote for dev frames, where epochs are compared by it;
    /// higher is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Learning rate of the last step.
    #[serde(default)]
    pub learning_rate: f64,
    /// Seconds the epoch took, measuring on dev included.
    pub seconds: f64,
    /// Training comments a second, without measuring on dev.
    pub comments_per_second: f64,
    /// Whether it was the best so far, by perplexity or by score: this model was kept.
    pub best: bool,
}

/// Result of a training.
///
/// ```
/// use caption_train::TrainReport;
///
/// let report = TrainReport { epochs: Vec::new(), best_epoch: 0, best_perplexity: f64::INFINITY };
/// assert!(report.epochs.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainReport {
    /// All epochs, those before an interruption included.
    pub epochs: Vec<EpochRecord>,
    /// The epoch whose model was kept, from 1.
    pub best_epoch: usize,
    /// Its perplexity per word on dev.
    pub best_perplexity: f64,
}

/// Writes `training.jsonl`, a line an epoch or a round, whole or not at all.
pub(super) fn write_epoch_log(path: &Path, epochs: &[impl Serialize]) -> Result<(), Error> {
    let mut lines = Vec::new();
    for epoch in epochs {
        serde_json::to_writer(&mut lines, epoch).map_err(Error::json(path))?;
        lines.push(b'\n');
    }
    write_atomic(path, &lines)
}
