//! Batch normalisation and ReLU on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    nn::BatchNorm,
    tensor::Tensor,
};

use super::simd::{Gradients, Normalisation, Statistics};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`, and if nothing is learnt.
pub(super) fn batch_norm_relu(norm: &BatchNorm, x: &Tensor<4>) -> Option<Tensor<4>> {
    let shape @ [_, channels, ..] = x.dims();
    let device = x.device();
    if !device.is_autodiff() || !norm.training.is_enabled() || shape.contains(&0) {
        return None;
    }
    let (gamma, beta) = (norm.gamma.val(), norm.beta.val());
    assert_eq!(gamma.dims(), [channels], "the layer takes other channels");
    let mut function = BatchNormRelu {
        x: on_cpu(x.clone().inner())?,
        gamma: on_cpu(gamma.clone().inner())?,
        beta: on_cpu(beta.clone().inner())?,
        statistics: Statistics::default(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is computed with has no more digits"
    )]
    let epsilon = norm.epsilon as f32;
    function.statistics = Statistics::of(&floats(&function.x), shape, epsilon);
    let output = function.with(|norm| norm.output());
    let output = Tensor::from_primitive::<Flex>(to_primitive(output, &shape));
    let parents = [
        node::<Flex, 4>(x.clone())?,
        node::<Flex, 1>(gamma)?,
        node::<Flex, 1>(beta)?,
    ];
    let Statistics { mean, variance, .. } = &function.statistics;
    for (running, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let batch = to_primitive(batch.clone(), &[channels]);
        let batch = Tensor::from_primitive::<Flex>(batch).autodiff();
        let before = running.value_sync().to_device(&device);
        let after = before.mul_scalar(1.0 - norm.momentum) + batch.mul_scalar(norm.momentum);
        running.update(after.detach());
    }
    record::<Flex, _, 4, 3>(function, parents, output)
}

/// What went in, and its statistics.
#[derive(Clone, Debug)]
struct BatchNormRelu {
    x: FlexTensor,
    gamma: FlexTensor,
    beta: FlexTensor,
    statistics: Statistics,
}

impl BatchNormRelu {
    fn with<T>(&self, run: impl FnOnce(Normalisation<'_>) -> T) -> T {
        run(Normalisation {
            x: &floats(&self.x),
            shape: self.x.shape().dims(),
            gamma: &floats(&self.gamma),
            beta: &floats(&self.beta),
            statistics: &self.statistics,
        })
    }
}

impl Function<4, 3> for BatchNormRelu {
    fn gradients(self, upstream: Tensor<4>, _: [bool; 3]) -> [Option<DispatchTensor>; 3] {
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let Gradients { x, gamma, beta } = self.with(|norm| norm.gradients(&floats(&upstream)));
        let channels = gamma.len();
        [
            Some(to_dispatch(x, &self.x.shape())),
            Some(to_dispatch(gamma, &[channels])),
            Some(to_dispatch(beta, &[channels])),
        ]
    }
}
