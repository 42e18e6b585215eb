//! What can go wrong.

use std::path::PathBuf;

/// Why an encoder could not be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// The folder of checkpoints cannot be made.
    #[error("cannot make the folder {}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// The reason of the operating system.
        source: std::io::Error,
    },
    /// The weights or the optimiser of a checkpoint cannot be read or written.
    #[error("{}: cannot {action} a checkpoint", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What failed: to read or to write.
        action: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder holds the checkpoints of a training with other options.
    #[error("{}: checkpoints of a training with other options, expected another folder", .0.display())]
    OtherTraining(PathBuf),
    /// How far the training has come cannot be read.
    #[error("{}: cannot read how far the training has come", path.display())]
    Progress {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// How far the training has come cannot be written.
    #[error("cannot write a checkpoint")]
    Checkpoint(#[source] crate::error::Error),
    /// The loss of a batch is no finite number: the learning rate is too high, or none.
    #[error(
        "phase {phase}, step {step}: the loss is no finite number, expected a lower learning rate"
    )]
    Loss {
        /// Number of the phase, from 0.
        phase: usize,
        /// Step within the phase, from 1.
        step: usize,
    },
    /// The thread that draws pictures has ended early.
    #[error("drawing pictures stopped unexpectedly")]
    Drawing,
}
