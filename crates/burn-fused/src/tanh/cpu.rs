//! The hyperbolic tangent on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    tensor::Tensor,
};

use super::simd::{tanh as forward, tanh_backward};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensor lies on another device or is not `f32`.
pub(super) fn tanh<const D: usize>(x: &Tensor<D>) -> Option<Tensor<D>> {
    let primitive = on_cpu(x.clone().inner())?;
    let primitive = to_primitive(forward(&floats(&primitive)), &primitive.shape());
    let output = Tensor::from_primitive::<Flex>(primitive.clone());
    if !x.is_autodiff() {
        return Some(output);
    }
    let parent = node::<Flex, D>(x.clone())?;
    record::<Flex, _, D, 1>(Output(primitive), [parent], output)
}

/// `tanh(x)`, which its slope `1 − tanh(x)²` is of.
#[derive(Clone, Debug)]
struct Output(FlexTensor);

impl<const D: usize> Function<D, 1> for Output {
    fn gradients(self, upstream: Tensor<D>, _: [bool; 1]) -> [Option<DispatchTensor>; 1] {
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let gradient = tanh_backward(&floats(&self.0), &floats(&upstream));
        [Some(to_dispatch(gradient, &self.0.shape()))]
    }
}
