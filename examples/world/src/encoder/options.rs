//! How the encoder is trained.

use serde::{Deserialize, Serialize};

/// A part of the training with pictures of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Side of the pictures in pixels.
    pub size: u32,
    /// Steps of the optimiser.
    pub steps: usize,
    /// Pictures of a step.
    pub batch: usize,
    /// The learning rate at the phase's highest point; it rises over the first tenth and falls
    /// along a cosine.
    pub learning_rate: f64,
    /// How much the background counts beside each of the other attributes of a picture. Features
    /// that say much of it say which show it is, and whom they show in one is hard to find in
    /// another.
    pub background: f64,
}

impl Phase {
    /// The usual [`background`](Phase::background).
    pub const USUAL_BACKGROUND: f64 = 0.1;
}

/// How the encoder is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EncoderOptions {
    /// By what the widths of VGG-19 are divided. Default: 8.
    pub divisor: usize,
    /// The phases, one after the other. Default: small pictures first, as they cost least.
    pub phases: Vec<Phase>,
    /// Seed of the first weights. The pictures are numbered and always the same.
    pub seed: u64,
    /// Steps between checkpoints. Default: 50.
    pub checkpoint_every: usize,
    /// Held-out pictures at the end. Default: 600.
    pub held_out: usize,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        let usual = Phase::USUAL_BACKGROUND;
        let phase = |size, steps, batch, learning_rate, background| Phase {
            size,
            steps,
            batch,
            learning_rate,
            background,
        };
        Self {
            divisor: 8,
            phases: vec![
                phase(64, 1_500, 16, 1.5e-3, usual),
                phase(112, 4_000, 16, 1.2e-3, usual),
                phase(224, 3_000, 12, 6e-4, usual),
                phase(224, 1_500, 12, 6e-4, 0.0),
            ],
            seed: 1,
            checkpoint_every: 50,
            held_out: 600,
        }
    }
}
