use burn::{
    backend::{Backend, TensorMetadata, backend_extension, tensor::FloatTensor},
    tensor::Shape,
};
use burn_cubecl::CubeBackend;
use cubecl::prelude::*;

use crate::kernel::{element, empty, in_order, units};

/// The gates of an LSTM.
#[backend_extension(Cube, Fusion)]
pub(crate) trait LstmGateKernels: Backend {
    /// From pre-activations `[batch, 4n]` and cell state `[batch, n]` to hidden and cell state side
    /// by side, `[batch, 2n]`.
    #[fusion(dtype = cell, shape = times(cell, 2))]
    fn gates(pre_activations: FloatTensor<Self>, cell: FloatTensor<Self>) -> FloatTensor<Self>;

    /// From the same and the gradient of their output, `[batch, 2n]`, to those of pre-activations
    /// and cell state side by side, `[batch, 5n]`.
    #[fusion(dtype = cell, shape = times(cell, 5))]
    fn gates_backward(
        pre_activations: FloatTensor<Self>,
        cell: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// The shape with `factor` times as many columns.
fn times(cell: &Shape, factor: usize) -> Shape {
    let [batch, n] = cell.dims();
    Shape::new([batch, factor * n])
}

impl LstmGateKernels for CubeBackend {
    fn gates(pre_activations: FloatTensor<Self>, cell: FloatTensor<Self>) -> FloatTensor<Self> {
        let [pre_activations, cell] = in_order([pre_activations, cell]);
        let output = empty(&cell, times(&cell.shape(), 2), cell.dtype);
        let dim = CubeDim::new_1d(units(&cell));
        gates_kernel::launch(
            &output.client,
            count(cell.shape().num_elements(), dim),
            dim,
            pre_activations.clone().into_tensor_arg(),
            cell.clone().into_tensor_arg(),
            output.clone().into_tensor_arg(),
            [element(&pre_activations), element(&cell)],
        );
        output
    }

    fn gates_backward(
        pre_activations: FloatTensor<Self>,
        cell: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [pre_activations, cell, upstream] = in_order([pre_activations, cell, upstream]);
        let output = empty(&cell, times(&cell.shape(), 5), cell.dtype);
        let dim = CubeDim::new_1d(units(&cell));
        gates_backward_kernel::launch(
            &output.client,
            count(cell.shape().num_elements(), dim),
            dim,
            pre_activations.clone().into_tensor_arg(),
            cell.clone().into_tensor_arg(),
            upstream.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            [element(&pre_activations), element(&cell)],
        );
        output
    }
}

/// Cubes for so many numbers, a unit for each.
fn count(numbers: usize, dim: CubeDim) -> CubeCount {
    let cubes = numbers.div_ceil(dim.x as usize);
    let cubes = u32::try_from(cubes).expect("no device holds so many cells");
    // A dimension of the grid has 65,535 cubes everywhere.
    let wide = cubes.clamp(1, 65_535);
    CubeCount::Static(wide, cubes.div_ceil(wide).max(1), 1)
}

#[cube]
fn sigmoid(x: f32) -> f32 {
    1.0f32 / (1.0f32 + (0.0f32 - x).exp())
}

/// The input, forget and output gate of a cell, the candidate third.
#[cube]
fn activations<S: Float>(
    pre_activations: &Tensor<S>,
    row: usize,
    column: usize,
    n: usize,
) -> (f32, f32, f32, f32) {
    let first = row * 4 * n + column;
    (
        sigmoid(f32::cast_from(pre_activations[first])),
        sigmoid(f32::cast_from(pre_activations[first + n])),
        f32::cast_from(pre_activations[first + 2 * n]).tanh(),
        sigmoid(f32::cast_from(pre_activations[first + 3 * n])),
    )
}

#[cfg_attr(not(all(test, feature = "cuda-source")), cube(launch))]
#[cfg_attr(all(test, feature = "cuda-source"), cube(launch, create_dummy_kernel))]
fn gates_kernel<S: Float, C: Float>(
    pre_activations: &Tensor<S>,
    cell: &Tensor<C>,
    output: &mut Tensor<C>,
    #[define(S, C)] _elements: [ElemType; 2],
) {
    let at = ABSOLUTE_POS;
    let n = cell.shape(1);
    if at >= cell.shape(0) * n {
        terminate!();
    }
    let (row, column) = (at / n, at % n);
    let (input, forget, candidate, out) = activations::<S>(pre_activations, row, column, n);
    let new = forget * f32::cast_from(cell[at]) + input * candidate;
    output[row * 2 * n + column] = C::cast_from(out * new.tanh());
    output[row * 2 * n + n + column] = C::cast_from(new);
}

#[cfg_attr(not(all(test, feature = "cuda-source")), cube(launch))]
#[cfg_attr(all(test, feature = "cuda-source"), cube(launch, create_dummy_kernel))]
fn gates_backward_kernel<S: Float, C: Float>(
    pre_activations: &Tensor<S>,
    cell: &Tensor<C>,
    upstream: &Tensor<C>,
    output: &mut Tensor<C>,
    #[define(S, C)] _elements: [ElemType; 2],
) {
    let at = ABSOLUTE_POS;
    let n = cell.shape(1);
    if at >= cell.shape(0) * n {
        terminate!();
    }
    let (row, column) = (at / n, at % n);
    let (input, forget, candidate, out) = activations::<S>(pre_activations, row, column, n);
    let old = f32::cast_from(cell[at]);
    let squashed = (forget * old + input * candidate).tanh();
    let grad_hidden = f32::cast_from(upstream[row * 2 * n + column]);
    let grad_new = f32::cast_from(upstream[row * 2 * n + n + column])
        + grad_hidden * out * (1.0f32 - squashed * squashed);
    let to = row * 5 * n + column;
    output[to] = C::cast_from(grad_new * candidate * input * (1.0f32 - input));
    output[to + n] = C::cast_from(grad_new * old * forget * (1.0f32 - forget));
    output[to + 2 * n] = C::cast_from(grad_new * input * (1.0f32 - candidate * candidate));
    output[to + 3 * n] = C::cast_from(grad_hidden * squashed * out * (1.0f32 - out));
    output[to + 4 * n] = C::cast_from(grad_new * forget);
}

#[cfg(all(test, feature = "cuda-source"))]
mod tests {
    use super::*;
    use crate::cuda_source::{ELEMENTS, properties, tensor, write};

    #[test]
    #[ignore = "writes files: scripts/check-kernels.sh"]
    fn cuda_source() {
        let (batch, n) = (256, 256);
        let (count, dim) = (CubeCount::Static(256, 1, 1), CubeDim::new_1d(256));
        for (name, element) in ELEMENTS {
            let (properties, target) = properties();
            let kernel = gates_kernel::create_dummy_kernel(
                properties.clone(),
                target.clone(),
                count.clone(),
                dim,
                tensor([batch, 4 * n]),
                tensor([batch, n]),
                tensor([batch, 2 * n]),
                [element, element],
            );
            write(&format!("lstm_gates_{name}"), kernel);
            let kernel = gates_backward_kernel::create_dummy_kernel(
                properties,
                target,
                count.clone(),
                dim,
                tensor([batch, 4 * n]),
                tensor([batch, n]),
                tensor([batch, 2 * n]),
                tensor([batch, 5 * n]),
                [element, element],
            );
            write(&format!("lstm_gates_backward_{name}"), kernel);
        }
    }
}
