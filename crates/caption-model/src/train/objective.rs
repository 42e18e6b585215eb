use burn::tensor::Tensor;

use super::config::TrainConfig;
use crate::{
    data::Batch,
    model::{Network, doubly_stochastic},
};

/// What training makes small.
#[derive(Clone, Debug)]
pub(crate) struct Objective {
    attention_regulariser: f64,
    smoothing: f64,
}

/// The losses of a batch.
pub(crate) struct Loss {
    /// What is differentiated, `[1]`: a mean over the words.
    pub(crate) objective: Tensor<1>,
    /// Negative log-likelihood of the words, summed, `[1]`, nats. Carries no gradient.
    pub(crate) nll: Tensor<1>,
}

impl Objective {
    pub(crate) fn new(config: &TrainConfig) -> Self {
        Self {
            attention_regulariser: config.attention_regulariser,
            smoothing: config.label_smoothing,
        }
    }

    pub(crate) fn loss(&self, network: &Network, batch: &Batch) -> Loss {
        let (deep, attention) = network.forward(batch.features.clone(), batch.words.clone());
        let [size, time, d] = deep.dims();
        let deep = deep
            .reshape([size * time, d])
            .select(0, batch.positions.clone());
        let cost = network.word_loss(deep, batch.targets.clone(), self.smoothing);
        let mut objective = cost.loss.sum().div_scalar(batch.num_targets as f64);
        if let Some(attention) = attention {
            let regulariser = doubly_stochastic(attention.weights, batch.live.clone());
            objective = objective + regulariser.mul_scalar(self.attention_regulariser);
        }
        Loss {
            objective,
            nll: cost.nll.sum(),
        }
    }
}
