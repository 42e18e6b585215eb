use serde::{Deserialize, Serialize};

/// So many steps of training, and dev after them: a line of `training.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RoundRecord {
    /// What was trained: `matcher`, `network` or `heads`.
    pub task: String,
    /// Steps that are done in all.
    pub steps: usize,
    /// Mean loss of the round's steps, nats: of a choice among candidates, or of a token.
    pub train_loss: f64,
    /// The same on what is not learnt from, after the round.
    pub dev_loss: f64,
    /// Learning rate after the round.
    pub learning_rate: f64,
    /// Seconds that all steps took.
    pub seconds: f64,
    /// Whether it was the best so far: these weights were kept.
    pub best: bool,
}

/// How the training of a commenter goes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CommenterEvent {
    /// It goes on from a checkpoint.
    Resumed {
        /// What is trained.
        task: &'static str,
        /// Steps that were done.
        steps: usize,
    },
    /// Some steps are done.
    Step {
        /// What is trained.
        task: &'static str,
        /// Steps that are done.
        step: usize,
        /// Steps in all, where that is known.
        of: Option<usize>,
        /// Mean loss of the round so far, nats.
        loss: f64,
        /// Seconds that the steps took.
        seconds: f64,
    },
    /// A round is done.
    Round(RoundRecord),
}
