//! The gates on the CPU, as one node of the graph.

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        flex::FlexTensor,
    },
    tensor::Tensor,
};

use crate::ops::cpu::{floats, gates, gates_backward, node, on_cpu, to_primitive};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn lstm_gates(sums: &Tensor<2>, cell: &Tensor<2>) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, n] = cell.dims();
    assert_eq!(sums.dims(), [batch, 4 * n], "four gates for each cell");
    if batch * n == 0 {
        return None;
    }
    let inputs = [on_cpu(sums.clone().inner())?, on_cpu(cell.clone().inner())?];
    let output = forward(&inputs);
    let output = if sums.is_autodiff() || cell.is_autodiff() {
        let parents = [node(sums.clone())?, node(cell.clone())?];
        let operation = Gates.prepare::<NoCheckpointing>(parents);
        Tensor::<2>::from_primitive::<Autodiff<Flex>>(match operation.compute_bound().stateful() {
            OpsKind::Tracked(node) => node.finish((inputs, output.clone()), output),
            OpsKind::UnTracked(node) => node.finish(output),
        })
    } else {
        Tensor::<2>::from_primitive::<Flex>(output)
    };
    Some((output.clone().narrow(1, 0, n), output.narrow(1, n, n)))
}

fn forward([sums, cell]: &[FlexTensor; 2]) -> FlexTensor {
    let [batch, n] = cell.shape().dims();
    to_primitive(gates(&floats(sums), &floats(cell), n), &[batch, 2 * n])
}

/// Holds what went in and what came out.
#[derive(Debug)]
struct Gates;

impl Backward<Flex, 2> for Gates {
    type State = ([FlexTensor; 2], FlexTensor);

    fn backward(self, ops: Ops<Self::State, 2>, graph: &mut Gradients, _: &mut Checkpointer) {
        let upstream = graph.consume::<Flex>(&ops.node);
        let ([sums, cell], output) = ops.state;
        let [batch, n] = cell.shape().dims();
        let (of_sums, of_cell) = gates_backward(
            &floats(&sums),
            &floats(&cell),
            &floats(&output),
            &floats(&upstream),
            n,
        );
        let [sums, cell] = ops.parents;
        if let Some(sums) = sums {
            graph.register::<Flex>(sums.id, to_primitive(of_sums, &[batch, 4 * n]));
        }
        if let Some(cell) = cell {
            graph.register::<Flex>(cell.id, to_primitive(of_cell, &[batch, n]));
        }
    }
}
