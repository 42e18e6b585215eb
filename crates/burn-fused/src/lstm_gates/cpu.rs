//! The gates on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    tensor::Tensor,
};

use super::simd::{gates, gates_backward};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn lstm_gates(
    pre_activations: &Tensor<2>,
    cell: &Tensor<2>,
) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, n] = cell.dims();
    if batch * n == 0 {
        return None;
    }
    let inputs = [
        on_cpu(pre_activations.clone().inner())?,
        on_cpu(cell.clone().inner())?,
    ];
    let primitive = forward(&inputs);
    let output = Tensor::<2>::from_primitive::<Flex>(primitive.clone());
    let output = match pre_activations.is_autodiff() || cell.is_autodiff() {
        true => {
            let parents = [
                node::<Flex, 2>(pre_activations.clone())?,
                node::<Flex, 2>(cell.clone())?,
            ];
            let gates = Gates {
                inputs,
                output: primitive,
            };
            record::<Flex, _, 2, 2>(gates, parents, output)?
        }
        false => output,
    };
    Some((output.clone().narrow(1, 0, n), output.narrow(1, n, n)))
}

fn forward([pre_activations, cell]: &[FlexTensor; 2]) -> FlexTensor {
    let [batch, n] = cell.shape().dims();
    to_primitive(
        gates(&floats(pre_activations), &floats(cell), n),
        &[batch, 2 * n],
    )
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct Gates {
    inputs: [FlexTensor; 2],
    output: FlexTensor,
}

impl Function<2, 2> for Gates {
    fn gradients(self, upstream: Tensor<2>, wanted: [bool; 2]) -> [Option<DispatchTensor>; 2] {
        let [pre_activations, cell] = self.inputs;
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let [_, n] = cell.shape().dims();
        let (grad_pre_activations, grad_cell) = gates_backward(
            &floats(&pre_activations),
            &floats(&cell),
            &floats(&self.output),
            &floats(&upstream),
            n,
        );
        [
            wanted[0].then(|| to_dispatch(grad_pre_activations, &pre_activations.shape())),
            wanted[1].then(|| to_dispatch(grad_cell, &cell.shape())),
        ]
    }
}
