use super::{difference::Difference, epoch_log::EpochRecord, warning::TrainWarning};

/// Progress of a training, as [`Trainer::run`](crate::Trainer::run) reports it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TrainEvent {
    /// The folder belongs to this training, which begins: its configuration, vocabulary and rate
    /// are on the disk.
    Begun,
    /// A checkpoint was found: training goes on after it.
    Resumed {
        /// The last epoch that was done, 0 if none was.
        epoch: usize,
        /// Steps of the epoch after it that were done.
        steps: usize,
    },
    /// It goes on with other values of these options than it had.
    Changed(Vec<Difference>),
    /// The result is probably not what is wanted.
    Warning(TrainWarning),
    /// The features were moved to the device.
    FeaturesOnDevice {
        /// What they take there, bytes.
        bytes: usize,
    },
    /// The features are larger than memory: pairs are mixed within windows of so many rows.
    Windows {
        /// Rows of a window.
        rows: usize,
    },
    /// Some steps are done.
    Step(StepEvent),
    /// A checkpoint within an epoch is on the disk.
    Checkpoint {
        /// Epoch, from 1.
        epoch: usize,
        /// Steps of it that are done.
        steps: usize,
    },
    /// An epoch is done and its checkpoint is on the disk.
    Epoch(EpochRecord),
    /// Training is over, now or since it was last run.
    Finished {
        /// Epochs that were done.
        epochs: usize,
        /// The one whose model was kept, from 1.
        best_epoch: usize,
        /// Whether it ended before the last epoch, because none was better for as long as
        /// [`TrainConfig::patience`](crate::TrainConfig::patience) says.
        stopped_early: bool,
    },
}

/// Progress within an epoch.
///
/// ```
/// use caption_train::StepEvent;
///
/// let step = StepEvent {
///     epoch: 2, epochs: 25, step: 10, steps: 40, comments: 2_560, of: 10_240,
///     loss: 2f64.ln(), learning_rate: 1e-3, comments_per_second: 500.0,
/// };
/// assert!((step.perplexity() - 2.0).abs() < 1e-12);
/// assert_eq!(step.seconds_left(), 486.4); // 15.36 of this epoch and 20.48 of each of 23 more
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StepEvent {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Most epochs.
    pub epochs: usize,
    /// Steps of this epoch that are done.
    pub step: usize,
    /// Steps an epoch.
    pub steps: usize,
    /// Comments of this epoch learnt so far.
    pub comments: usize,
    /// Comments an epoch.
    pub of: usize,
    /// Mean loss of a word over the steps since the last such event, nats.
    pub loss: f64,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Comments a second since this epoch began or went on.
    pub comments_per_second: f64,
}

impl StepEvent {
    /// Perplexity per word over the steps since the last such event.
    #[must_use]
    pub fn perplexity(&self) -> f64 {
        self.loss.exp()
    }

    /// Seconds until the last epoch is done at this rate, if training does not stop earlier;
    /// measuring on dev not counted.
    #[must_use]
    pub fn seconds_left(&self) -> f64 {
        let later = self.epochs.saturating_sub(self.epoch) * self.of;
        (self.of - self.comments + later) as f64 / self.comments_per_second.max(1e-9)
    }
}
