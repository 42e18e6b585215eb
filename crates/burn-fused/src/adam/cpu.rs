//! A step of Adam on the CPU, in place.

use burn::{
    backend::{Flex, flex::FlexTensor},
    optim::{AdamState, AdaptiveMomentumState},
    tensor::{DType, Tensor},
};

use super::simd::AdamStep;
use crate::cpu::tensor::{floats, in_order};

/// What does not change from step to step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hyperparameters {
    pub(super) learning_rate: f64,
    pub(super) beta_1: f32,
    pub(super) beta_2: f32,
    pub(super) epsilon: f32,
}

impl Hyperparameters {
    /// Of step `time`, from 1 on, with the corrections of the moments' bias.
    fn at(self, time: usize) -> AdamStep {
        let steps = i32::try_from(time).unwrap_or(i32::MAX);
        let root = (1.0 - self.beta_2.powi(steps)).sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "a learning rate")]
        let learning_rate = self.learning_rate as f32;
        AdamStep {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            rate: learning_rate * root / (1.0 - self.beta_1.powi(steps)),
            epsilon: self.epsilon * root,
        }
    }
}

/// Tensor, gradient and state as they were given.
type Given<const D: usize> = (Tensor<D>, Tensor<D>, Option<AdamState<D>>);

/// Gives back what it was given if that lies on another device or is not `f32`.
pub(super) fn step<const D: usize>(
    hyperparameters: Hyperparameters,
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
    let grad = primitive(grad);
    let mut weight = in_order(primitive(tensor));
    let mut moment_1 = in_order(primitive(old.moment_1));
    let mut moment_2 = in_order(primitive(old.moment_2));
    hyperparameters.at(time).apply(
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

fn primitive<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    let tensor = tensor.try_into_primitive::<Flex>();
    tensor.expect("moments lie where their weights do")
}
