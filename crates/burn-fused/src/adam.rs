use burn::{
    optim::{AdamConfig, AdamState, LearningRate, Optimizer},
    tensor::{Device, Tensor},
};

/// Adam: Kingma, Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.
///
/// The same numbers, up to rounding, and the same state as [`burn::optim::Adam`], so that checkpoints of either continue
/// with the other. On the CPU weights and both moments are updated in place, in one pass over memory instead of a dozen.
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
pub struct FusedAdam {
    /// Decay of the mean of the gradients, β₁. Default: 0.9.
    pub beta_1: f32,
    /// Decay of the mean of their squares, β₂. Default: 0.999.
    pub beta_2: f32,
    /// What keeps small gradients from making large steps, ε. Default: 10⁻⁸.
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
        let (tensor, grad, state) = match self.step_on_cpu(lr, tensor, grad, state) {
            Ok((tensor, state)) => return (tensor, Some(state)),
            Err(given_back) => *given_back,
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

#[cfg(feature = "flex")]
mod cpu {
    use burn::{
        backend::{Flex, flex::FlexTensor},
        optim::{AdamState, AdaptiveMomentumState, LearningRate},
        tensor::{DType, Tensor},
    };

    use super::FusedAdam;
    use crate::cpu::{AdamStep, floats, in_order};

    type Given<const D: usize> = (Tensor<D>, Tensor<D>, Option<AdamState<D>>);

    impl FusedAdam {
        /// Gives back what it was given if that lies on another device or is not `f32`.
        pub(super) fn step_on_cpu<const D: usize>(
            &self,
            lr: LearningRate,
            tensor: Tensor<D>,
            grad: Tensor<D>,
            state: Option<AdamState<D>>,
        ) -> Result<(Tensor<D>, AdamState<D>), Box<Given<D>>> {
            let is_ours = |tensor: &Tensor<D>| {
                tensor.dtype() == DType::F32 && tensor.clone().try_into_primitive::<Flex>().is_ok()
            };
            if !(is_ours(&tensor) && is_ours(&grad)) {
                return Err(Box::new((tensor, grad, state)));
            }
            let (device, shape) = (tensor.device(), tensor.dims());
            let zeros = || Tensor::<D>::zeros(shape, &device);
            let old = state.map_or_else(
                || AdaptiveMomentumState::new(0, zeros(), zeros()),
                |state| state.momentum,
            );
            let time = old.time + 1;
            let steps = i32::try_from(time).unwrap_or(i32::MAX);
            let root = (1.0 - self.beta_2.powi(steps)).sqrt();
            #[expect(clippy::cast_possible_truncation, reason = "a learning rate")]
            let step = AdamStep {
                beta_1: self.beta_1,
                beta_2: self.beta_2,
                rate: lr as f32 * root / (1.0 - self.beta_1.powi(steps)),
                epsilon: self.epsilon * root,
            };
            let grad = primitive(grad);
            let mut weight = in_order(primitive(tensor));
            let mut moment_1 = in_order(primitive(old.moment_1));
            let mut moment_2 = in_order(primitive(old.moment_2));
            step.apply(
                weight.storage_mut(),
                moment_1.storage_mut(),
                moment_2.storage_mut(),
                &floats(&grad),
            );
            let [moment_1, moment_2] = [moment_1, moment_2].map(Tensor::from_primitive::<Flex>);
            let momentum = AdaptiveMomentumState::new(time, moment_1, moment_2);
            Ok((
                Tensor::from_primitive::<Flex>(weight),
                AdamState::new(momentum),
            ))
        }
    }

    fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
        let tensor = tensor.try_into_primitive::<Flex>();
        tensor.expect("moments lie where their weights do")
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    /// Five steps beside Burn's Adam, on a size that fills no whole vector, one of the weights transposed in memory.
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
