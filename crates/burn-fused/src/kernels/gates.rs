use burn::{
    backend::{Backend, TensorMetadata, backend_extension, tensor::FloatTensor},
    tensor::Shape,
};
use burn_cubecl::CubeBackend;
use cubecl::prelude::*;

use super::{element, empty, in_order, units};

/// The gates of an LSTM, see [`lstm_gates`](crate::lstm_gates).
#[backend_extension(Cube, Fusion)]
pub(crate) trait GateKernels: Backend {
    /// From sums `[batch, 4n]` and cell state `[batch, n]` to hidden and cell state side by side, `[batch, 2n]`.
    #[fusion(dtype = cell, shape = times(cell, 2))]
    fn gates(sums: FloatTensor<Self>, cell: FloatTensor<Self>) -> FloatTensor<Self>;

    /// From the same and the gradient of their output, `[batch, 2n]`, to those of sums and cell state side by side, `[batch, 5n]`.
    #[fusion(dtype = cell, shape = times(cell, 5))]
    fn gates_backward(
        sums: FloatTensor<Self>,
        cell: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// The shape with `factor` times as many columns.
fn times(cell: &Shape, factor: usize) -> Shape {
    let [batch, n] = cell.dims();
    Shape::new([batch, factor * n])
}

impl GateKernels for CubeBackend {
    fn gates(sums: FloatTensor<Self>, cell: FloatTensor<Self>) -> FloatTensor<Self> {
        let [sums, cell] = in_order([sums, cell]);
        let output = empty(&cell, times(&cell.shape(), 2), cell.dtype);
        let dim = CubeDim::new_1d(units(&cell));
        gates_kernel::launch(
            &output.client,
            count(cell.shape().num_elements(), dim),
            dim,
            sums.clone().into_tensor_arg(),
            cell.clone().into_tensor_arg(),
            output.clone().into_tensor_arg(),
            [element(&sums), element(&cell)],
        );
        output
    }

    fn gates_backward(
        sums: FloatTensor<Self>,
        cell: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [sums, cell, upstream] = in_order([sums, cell, upstream]);
        let output = empty(&cell, times(&cell.shape(), 5), cell.dtype);
        let dim = CubeDim::new_1d(units(&cell));
        gates_backward_kernel::launch(
            &output.client,
            count(cell.shape().num_elements(), dim),
            dim,
            sums.clone().into_tensor_arg(),
            cell.clone().into_tensor_arg(),
            upstream.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            [element(&sums), element(&cell)],
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
fn opened<S: Float>(sums: &Tensor<S>, row: usize, column: usize, n: usize) -> (f32, f32, f32, f32) {
    let first = row * 4 * n + column;
    (
        sigmoid(f32::cast_from(sums[first])),
        sigmoid(f32::cast_from(sums[first + n])),
        f32::cast_from(sums[first + 2 * n]).tanh(),
        sigmoid(f32::cast_from(sums[first + 3 * n])),
    )
}

#[cube(launch)]
fn gates_kernel<S: Float, C: Float>(
    sums: &Tensor<S>,
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
    let (input, forget, candidate, out) = opened::<S>(sums, row, column, n);
    let new = forget * f32::cast_from(cell[at]) + input * candidate;
    output[row * 2 * n + column] = C::cast_from(out * new.tanh());
    output[row * 2 * n + n + column] = C::cast_from(new);
}

#[cube(launch)]
fn gates_backward_kernel<S: Float, C: Float>(
    sums: &Tensor<S>,
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
    let (input, forget, candidate, out) = opened::<S>(sums, row, column, n);
    let old = f32::cast_from(cell[at]);
    let squashed = (forget * old + input * candidate).tanh();
    let of_hidden = f32::cast_from(upstream[row * 2 * n + column]);
    let of_new = f32::cast_from(upstream[row * 2 * n + n + column])
        + of_hidden * out * (1.0f32 - squashed * squashed);
    let to = row * 5 * n + column;
    output[to] = C::cast_from(of_new * candidate * input * (1.0f32 - input));
    output[to + n] = C::cast_from(of_new * old * forget * (1.0f32 - forget));
    output[to + 2 * n] = C::cast_from(of_new * input * (1.0f32 - candidate * candidate));
    output[to + 3 * n] = C::cast_from(of_hidden * squashed * out * (1.0f32 - out));
    output[to + 4 * n] = C::cast_from(of_new * forget);
}
