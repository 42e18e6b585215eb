//! A linear layer on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    nn::Linear,
    tensor::Tensor,
};

use super::simd::{input_gradient, linear as multiply, weight_gradient};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// Columns of the output below which a panel would be empty for the most part.
const FEWEST: usize = 16;

/// `None` if the tensors lie on another device or are not `f32`, or the layer is too small to gain.
pub(super) fn linear<const D: usize>(layer: &Linear, x: &Tensor<D>) -> Option<Tensor<D>> {
    let [d_input, d_output] = layer.weight.dims();
    let dims = x.dims();
    if dims.contains(&0) || d_input == 0 || d_output < FEWEST {
        return None;
    }
    assert_eq!(
        dims[D - 1],
        d_input,
        "the layer reads vectors of {d_input} numbers"
    );
    let inputs = Inputs {
        x: on_cpu(x.clone().inner())?,
        weight: on_cpu(layer.weight.val().inner())?,
    };
    let bias = match &layer.bias {
        Some(bias) => Some(on_cpu(bias.val().inner())?),
        None => None,
    };
    let mut shape = dims;
    shape[D - 1] = d_output;
    let output = to_primitive(inputs.forward(bias.as_ref()), &shape);
    let output = Tensor::from_primitive::<Flex>(output);
    if !(x.is_autodiff() || layer.weight.is_autodiff()) {
        return Some(output);
    }
    let parents = [
        node::<Flex, D>(x.clone())?,
        node::<Flex, 2>(layer.weight.val())?,
    ];
    match &layer.bias {
        Some(bias) => {
            let [x, weight] = parents;
            let parents = [x, weight, node::<Flex, 1>(bias.val())?];
            record::<Flex, _, D, 3>(inputs, parents, output)
        }
        None => record::<Flex, _, D, 2>(inputs, parents, output),
    }
}

#[derive(Clone, Debug)]
struct Inputs {
    x: FlexTensor,
    weight: FlexTensor,
}

impl Inputs {
    fn forward(&self, bias: Option<&FlexTensor>) -> Vec<f32> {
        let bias = bias.map(floats);
        multiply(
            &floats(&self.x),
            &floats(&self.weight),
            self.weight.shape().dims(),
            bias.as_deref(),
        )
    }
}

impl<const D: usize, const N: usize> Function<D, N> for Inputs {
    fn gradients(self, upstream: Tensor<D>, wanted: [bool; N]) -> [Option<DispatchTensor>; N] {
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let upstream = floats(&upstream);
        let weight_shape = self.weight.shape();
        let [d_input, d_output] = weight_shape.dims();
        let grad_x = wanted[0].then(|| {
            let gradient = input_gradient(&upstream, &floats(&self.weight), [d_input, d_output]);
            to_dispatch(gradient, &self.x.shape())
        });
        let (grad_weight, grad_bias) = if wanted[1..].contains(&true) {
            let (weight, bias) = weight_gradient(&floats(&self.x), &upstream, [d_input, d_output]);
            (
                Some(to_dispatch(weight, &weight_shape)),
                Some(to_dispatch(bias, &[d_output])),
            )
        } else {
            (None, None)
        };
        let mut by_place = [grad_x, grad_weight, grad_bias].into_iter();
        std::array::from_fn(|_| by_place.next().flatten())
    }
}
