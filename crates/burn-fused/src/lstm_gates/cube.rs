//! The gates as CubeCL kernels, as one node of the graph.

use burn::{
    backend::{Cube, Dispatch, DispatchTensor},
    tensor::Tensor,
};

use super::kernel::LstmGateKernels;
use crate::graph::{Function, node, record};

/// `None` if the tensors lie on a device without CubeCL.
pub(super) fn lstm_gates(
    pre_activations: &Tensor<2>,
    cell: &Tensor<2>,
) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, n] = cell.dims();
    if batch * n == 0 {
        return None;
    }
    let gates = Gates {
        pre_activations: pre_activations.clone().inner(),
        cell: cell.clone().inner(),
    };
    gates.cell.clone().try_into_primitive::<Cube>().ok()?;
    let output = gates.output();
    let output = match pre_activations.is_autodiff() || cell.is_autodiff() {
        true => {
            let parents = [
                node::<Cube, 2>(pre_activations.clone())?,
                node::<Cube, 2>(cell.clone())?,
            ];
            record::<Cube, _, 2, 2>(gates, parents, output)?
        }
        false => output,
    };
    Some((output.clone().narrow(1, 0, n), output.narrow(1, n, n)))
}

#[derive(Clone, Debug)]
struct Gates {
    pre_activations: Tensor<2>,
    cell: Tensor<2>,
}

impl Gates {
    fn output(&self) -> Tensor<2> {
        let [pre_activations, cell] =
            [&self.pre_activations, &self.cell].map(|tensor| tensor.clone().into_dispatch());
        Tensor::from_dispatch(<Dispatch as LstmGateKernels>::gates(pre_activations, cell))
    }
}

impl Function<2, 2> for Gates {
    fn gradients(self, upstream: Tensor<2>, wanted: [bool; 2]) -> [Option<DispatchTensor>; 2] {
        let [_, n] = self.cell.dims();
        let dtype = self.pre_activations.dtype();
        let [pre_activations, cell, upstream] =
            [self.pre_activations, self.cell, upstream].map(Tensor::into_dispatch);
        let both = <Dispatch as LstmGateKernels>::gates_backward(pre_activations, cell, upstream);
        let both = Tensor::<2>::from_dispatch(both);
        [
            wanted[0].then(|| both.clone().narrow(1, 0, 4 * n).cast(dtype).into_dispatch()),
            wanted[1].then(|| both.narrow(1, 4 * n, n).into_dispatch()),
        ]
    }
}
