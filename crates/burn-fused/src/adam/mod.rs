#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

use burn::{
    optim::{AdamConfig, AdamState, LearningRate, Optimizer},
    tensor::{Device, Tensor},
};

/// The optimiser Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015),
/// algorithm 1.
///
/// The same numbers, up to rounding, and the same state as [`burn::optim::Adam`], so that
/// checkpoints of either continue with the other. On the CPU weights and both moments are updated
/// in place, in one pass over memory instead of a dozen.
///
/// ```
/// use burn::optim::{ModuleOptimizer, Optimizer};
/// use burn::tensor::{Device, Tensor};
/// use burn_fused::FusedAdam;
///
/// let device = Device::flex();
/// let (weight, gradient) = (Tensor::<1>::ones([1], &device), Tensor::ones([1], &device));
/// let (weight, _) = FusedAdam::default().step(0.25, weight, gradient, None);
/// assert!((weight.into_scalar::<f32>() - 0.75).abs() < 1e-6); // the first step is as long as the rate
/// let for_a_whole_module = ModuleOptimizer::from(FusedAdam::default());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FusedAdam {
    /// Decay of the mean of the gradients, β₁. Default: 0.9.
    pub beta_1: f32,
    /// Decay of the mean of their squares, β₂. Default: 0.999.
    pub beta_2: f32,
    /// Term that keeps small gradients from making large steps, ε. Default: 10⁻⁸.
    pub epsilon: f32,
}

impl Default for FusedAdam {
    fn default() -> Self {
        Self {
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl FusedAdam {
    /// Sets [`beta_1`](Self::beta_1).
    #[must_use]
    pub fn beta_1(mut self, decay: f32) -> Self {
        self.beta_1 = decay;
        self
    }

    /// Sets [`beta_2`](Self::beta_2).
    #[must_use]
    pub fn beta_2(mut self, decay: f32) -> Self {
        self.beta_2 = decay;
        self
    }

    /// Sets [`epsilon`](Self::epsilon).
    #[must_use]
    pub fn epsilon(mut self, epsilon: f32) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl Optimizer for FusedAdam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        #[cfg(feature = "flex")]
        let (tensor, grad, state) = {
            let hyperparameters = cpu::Hyperparameters {
                learning_rate: lr,
                beta_1: self.beta_1,
                beta_2: self.beta_2,
                epsilon: self.epsilon,
            };
            match cpu::step(hyperparameters, tensor, grad, state) {
                Ok((tensor, state)) => return (tensor, Some(state)),
                Err(given_back) => *given_back,
            }
        };
        AdamConfig::new()
            .with_beta_1(self.beta_1)
            .with_beta_2(self.beta_2)
            .with_epsilon(self.epsilon)
            .build()
            .step(lr, tensor, grad, state)
    }

    fn to_device<const D: usize>(mut state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    /// Five steps beside Burn's Adam, on a size that fills no whole vector, one of the weights
    /// transposed in memory.
    #[test]
    fn agrees_with_burns_adam() {
        let device = Device::flex();
        let weights = Tensor::<2>::random([7, 19], Distribution::Default, &device).transpose();
        let burns = AdamConfig::new().with_epsilon(1e-8).build();
        let (mut ours, mut theirs) = ((weights.clone(), None), (weights, None));
        for _ in 0..5 {
            let gradient = Tensor::random([19, 7], Distribution::Normal(0.0, 1.0), &device);
            ours = FusedAdam::default().step(0.01, ours.0, gradient.clone(), ours.1);
            theirs = burns.step(0.01, theirs.0, gradient, theirs.1);
        }
        let difference = (ours.0 - theirs.0).abs().max().into_scalar::<f32>();
        assert!(difference < 1e-6, "{difference}");
        let (ours, theirs) = (ours.1.unwrap().momentum, theirs.1.unwrap().momentum);
        assert_eq!(ours.time, theirs.time);
        let difference = (ours.moment_2 - theirs.moment_2).abs().max();
        assert!(difference.into_scalar::<f32>() < 1e-6);
    }
}
