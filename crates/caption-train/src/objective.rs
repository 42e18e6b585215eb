use burn::tensor::{IndexingUpdateOp, Tensor};
use serde::{Deserialize, Serialize};

use caption_model::{AttentionTarget, Batch, LocationSamples, Network, doubly_stochastic};

use super::{
    config::TrainConfig,
    reinforce::{Baseline, HardAttention, SampledLocations},
};

/// What training makes small.
#[derive(Clone, Debug)]
pub(crate) struct Objective {
    attention_regularizer: f64,
    attention_target: AttentionTarget,
    smoothing: f64,
    hard: Option<HardAttention>,
    baseline: Option<Baseline>,
}

/// What an objective carries from step to step, for checkpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectiveState {
    /// The baseline of hard attention after the first step, as bits: decimals are not read back to
    /// the last one.
    baseline_bits: Option<u64>,
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
            attention_regularizer: config.attention_regularizer,
            attention_target: config.attention_target,
            smoothing: config.label_smoothing,
            hard: config.hard_attention,
            baseline: None,
        }
    }

    /// Hard attention draws its locations from the device's random numbers: seeded before a step,
    /// they repeat.
    pub(crate) fn loss(&self, network: &Network, batch: &Batch) -> Loss {
        let hard = self.hard.filter(|_| network.has_attention());
        let draws = hard.map(|hard| {
            let device = batch.features.device();
            LocationSamples::random(batch.words.dims(), hard.expected_share, &device)
        });
        self.loss_with(network, batch, draws.as_ref())
    }

    fn loss_with(&self, network: &Network, batch: &Batch, draws: Option<&LocationSamples>) -> Loss {
        let forward = network.forward_training(batch.features.clone(), batch.words.clone(), draws);
        let cost = network.target_loss(
            forward.pre_logits,
            batch.positions.clone(),
            batch.targets.clone(),
            self.smoothing,
        );
        let mut objective = cost.loss.sum().div_scalar(batch.num_targets as f64);
        if let Some(attention) = forward.attention {
            if let (Some(hard), Some(log_drawn)) = (&self.hard, forward.log_drawn) {
                let drawn = SampledLocations {
                    nll: by_comment(cost.nll.clone(), batch),
                    log_drawn,
                    weights: attention.weights.clone(),
                    mask: batch.mask.clone(),
                };
                let surrogate = hard.surrogate(drawn, self.baseline(network).0).sum();
                objective = objective + surrogate.div_scalar(batch.num_targets as f64);
            }
            let regularizer =
                doubly_stochastic(attention.weights, batch.mask.clone(), self.attention_target);
            objective = objective + regularizer.mul_scalar(self.attention_regularizer);
        }
        Loss {
            objective,
            nll: cost.nll.sum(),
        }
    }

    /// Learns what a step's words cost together: moves the baseline of hard attention. Other
    /// objectives read nothing back from the device.
    pub(crate) fn observe(&mut self, network: &Network, nll: &Tensor<1>, words: usize) {
        if self.hard.is_some() && network.has_attention() {
            let nll = f64::from(nll.clone().into_scalar::<f32>());
            let mean = -nll / words.max(1) as f64;
            self.baseline = Some(self.baseline(network).moved(mean));
        }
    }

    pub(crate) fn state(&self) -> ObjectiveState {
        ObjectiveState {
            baseline_bits: self.baseline.map(|baseline| baseline.0.to_bits()),
        }
    }

    pub(crate) fn restore(&mut self, state: ObjectiveState) {
        self.baseline = state.baseline_bits.map(f64::from_bits).map(Baseline);
    }

    fn baseline(&self, network: &Network) -> Baseline {
        self.baseline
            .unwrap_or_else(|| Baseline::of_words(network.num_words()))
    }
}

/// Sums what the counted targets cost for each comment, `[targets]` to `[batch, 1]`.
fn by_comment(nll: Tensor<1>, batch: &Batch) -> Tensor<2> {
    let [size, time] = batch.mask.dims();
    Tensor::zeros([size * time], &nll.device())
        .select_assign(0, batch.positions.clone(), nll, IndexingUpdateOp::Add)
        .reshape([size, time])
        .sum_dim(1)
}

#[cfg(test)]
mod tests;
