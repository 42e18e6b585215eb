use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{
    check::{count, number},
    data::FeaturesOnDevice,
    error::Error,
};

/// Options of a training run: what changes its speed and its safety, never its result.
///
/// ```
/// use caption_train::{CheckpointEvery, RunOptions};
///
/// let options = RunOptions::default().checkpoint_every(CheckpointEvery::Steps(500));
/// assert_eq!(options.prefetch, 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunOptions {
    /// When a checkpoint is written besides the end of each epoch. Default: every ten minutes.
    pub checkpoint_every: CheckpointEvery,
    /// Batches that are read ahead of the device, at least one. Default: 3.
    pub prefetch: usize,
    /// Whether the features are kept on the device. Default: if they fit.
    pub features_on_device: FeaturesOnDevice,
    /// Most bytes that they may take there. Default: 4 GiB.
    pub device_bytes: u64,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            checkpoint_every: CheckpointEvery::Minutes(10.0),
            prefetch: 3,
            features_on_device: FeaturesOnDevice::Auto,
            device_bytes: 4 << 30,
        }
    }
}

impl RunOptions {
    /// Sets [`checkpoint_every`](Self::checkpoint_every).
    #[must_use]
    pub fn checkpoint_every(mut self, every: CheckpointEvery) -> Self {
        self.checkpoint_every = every;
        self
    }

    /// Sets [`prefetch`](Self::prefetch).
    #[must_use]
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.prefetch = batches;
        self
    }

    /// Sets [`features_on_device`](Self::features_on_device).
    #[must_use]
    pub fn features_on_device(mut self, when: FeaturesOnDevice) -> Self {
        self.features_on_device = when;
        self
    }

    /// Sets [`device_bytes`](Self::device_bytes).
    #[must_use]
    pub fn device_bytes(mut self, bytes: u64) -> Self {
        self.device_bytes = bytes;
        self
    }

    /// Refuses values that cannot work.
    ///
    /// # Errors
    ///
    /// [`Error::Option`], with the name of the option, its value and what is expected.
    pub fn check(&self) -> Result<(), Error> {
        count("prefetch", self.prefetch)?;
        match self.checkpoint_every {
            CheckpointEvery::Steps(steps) => count("checkpoint_every", steps),
            CheckpointEvery::Minutes(minutes) => number(
                "checkpoint_every",
                minutes,
                |minutes| minutes > 0.0 && minutes.is_finite(),
                "a positive number",
            ),
            CheckpointEvery::Epoch => Ok(()),
        }
    }
}

/// When a checkpoint is written within an epoch; at its end there always is one.
///
/// ```
/// use caption_train::{CheckpointEvery, RunOptions};
///
/// let options = RunOptions::default().checkpoint_every(CheckpointEvery::Steps(500));
/// let json = serde_json::to_value(options.checkpoint_every)?;
/// assert_eq!(json, serde_json::json!({ "steps": 500 }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointEvery {
    /// Only at the end of an epoch.
    Epoch,
    /// Every so many steps.
    Steps(usize),
    /// When so many minutes have passed.
    Minutes(f64),
}

impl CheckpointEvery {
    /// Whether one is due within an epoch after so many steps, the last having been written then.
    pub(crate) fn is_due(self, steps: usize, saved: Instant) -> bool {
        match self {
            Self::Epoch => false,
            Self::Steps(every) => steps.is_multiple_of(every),
            Self::Minutes(minutes) => {
                let every = Duration::try_from_secs_f64(60.0 * minutes).unwrap_or(Duration::MAX);
                saved.elapsed() >= every
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_cannot_work_are_named() {
        let options = RunOptions::default;
        let wrong = [
            (options().prefetch(0), "prefetch is 0"),
            (
                options().checkpoint_every(CheckpointEvery::Steps(0)),
                "checkpoint_every is 0",
            ),
            (
                options().checkpoint_every(CheckpointEvery::Minutes(-1.0)),
                "checkpoint_every is -1",
            ),
        ];
        for (options, expected) in wrong {
            let message = options.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        options().check().unwrap();
    }
}
