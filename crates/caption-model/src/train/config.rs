use serde::{Deserialize, Serialize};

use super::reinforce::HardAttention;
use crate::{error::Error, model::AttentionTarget};

/// How a captioner is trained: Adam with clipped gradients, until the dev perplexity stops falling.
///
/// ```
/// use caption_model::TrainConfig;
///
/// let config = TrainConfig::default().epochs(3).learning_rate(2e-3);
/// assert_eq!(config.batch_size, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TrainConfig {
    /// Most epochs; one epoch is every pair once. Default: 25, the original's best with attention.
    pub epochs: usize,
    /// Pairs a batch. Default: 256, the original's.
    pub batch_size: usize,
    /// Adam's step size (β₁ 0.9, β₂ 0.999, ε 1e-8). Default: 1e-3.
    pub learning_rate: f64,
    /// Largest Euclidean norm of all gradients together; larger ones are scaled down to it. Default: 5.
    pub clip_norm: f64,
    /// Epochs without a better dev perplexity before training stops. Default: 3.
    pub patience: usize,
    /// Weight λ of the doubly stochastic regulariser of attention. Default: 1.
    pub attention_regulariser: f64,
    /// What that regulariser asks of a location. Default: 1, as in the paper.
    pub attention_target: AttentionTarget,
    /// How hard attention is trained; without it attention is soft. Default: soft.
    pub hard_attention: Option<HardAttention>,
    /// Learning rate of an encoder's blocks that are trained along, as a share of the captioner's. Default: 0.1.
    pub encoder_rate: f64,
    /// Seed of weights, shuffling and dropout. Default: 1.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 25,
            batch_size: 256,
            learning_rate: 1e-3,
            clip_norm: 5.0,
            patience: 3,
            attention_regulariser: 1.0,
            attention_target: AttentionTarget::One,
            hard_attention: None,
            encoder_rate: 0.1,
            seed: 1,
        }
    }
}

impl TrainConfig {
    /// Sets [`epochs`](Self::epochs).
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Sets [`batch_size`](Self::batch_size).
    #[must_use]
    pub fn batch_size(mut self, pairs: usize) -> Self {
        self.batch_size = pairs;
        self
    }

    /// Sets [`learning_rate`](Self::learning_rate).
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Sets [`clip_norm`](Self::clip_norm).
    #[must_use]
    pub fn clip_norm(mut self, norm: f64) -> Self {
        self.clip_norm = norm;
        self
    }

    /// Sets [`patience`](Self::patience).
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Sets [`attention_regulariser`](Self::attention_regulariser).
    #[must_use]
    pub fn attention_regulariser(mut self, weight: f64) -> Self {
        self.attention_regulariser = weight;
        self
    }

    /// Sets [`attention_target`](Self::attention_target).
    #[must_use]
    pub fn attention_target(mut self, target: AttentionTarget) -> Self {
        self.attention_target = target;
        self
    }

    /// Sets [`hard_attention`](Self::hard_attention).
    #[must_use]
    pub fn hard_attention(mut self, hard: impl Into<Option<HardAttention>>) -> Self {
        self.hard_attention = hard.into();
        self
    }

    /// Sets [`encoder_rate`](Self::encoder_rate).
    #[must_use]
    pub fn encoder_rate(mut self, share: f64) -> Self {
        self.encoder_rate = share;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let option = |option, value: String, expected| {
            Err(Error::Option {
                option,
                value,
                expected,
            })
        };
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if self.epochs == 0 {
            return option("epochs", "0".into(), "1 or more");
        }
        if self.batch_size == 0 {
            return option("batch_size", "0".into(), "1 or more");
        }
        if !positive(self.learning_rate) {
            let value = self.learning_rate.to_string();
            return option("learning_rate", value, "a positive number");
        }
        if !positive(self.clip_norm) {
            let value = self.clip_norm.to_string();
            return option("clip_norm", value, "a positive number");
        }
        let at_least_0 = |value: f64| value >= 0.0 && value.is_finite();
        if !at_least_0(self.attention_regulariser) {
            let value = self.attention_regulariser.to_string();
            return option("attention_regulariser", value, "0 or a positive number");
        }
        if !at_least_0(self.encoder_rate) {
            let value = self.encoder_rate.to_string();
            return option("encoder_rate", value, "0 or a positive number");
        }
        match &self.hard_attention {
            None => Ok(()),
            Some(hard) => hard.check(),
        }
    }
}
