//! What the CubeCL kernels share. They run on CUDA and every other runtime of CubeCL. None of them
//! knows of gradients: their backward passes are operations of their own, put into the graph by
//! `graph::Function`.

use burn::{
    backend::{TensorMetadata, cubecl::dtype_to_storage_type},
    tensor::{DType, Shape},
};
use burn_cubecl::{
    kernel::into_contiguous, ops::numeric::empty_device_contiguous_dtype, tensor::CubeTensor,
};
use cubecl::ir::ElemType;

/// Units of a cube, where the device has so many.
const UNITS: u32 = 256;

/// A tensor on the device of another one, its rows side by side and its numbers not yet written.
pub(crate) fn empty(like: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device(), shape.into(), dtype)
}

/// How many units a cube is to have.
pub(crate) fn units(tensor: &CubeTensor) -> u32 {
    let most = tensor.client.properties().hardware.max_cube_dim.0;
    most.min(UNITS)
}

/// The numbers that a kernel reads and writes a tensor in.
pub(crate) fn element(tensor: &CubeTensor) -> ElemType {
    dtype_to_storage_type(tensor.dtype)
}

/// The tensors with their numbers in row-major order, copied only if they lie in another.
pub(crate) fn in_order<const N: usize>(tensors: [CubeTensor; N]) -> [CubeTensor; N] {
    tensors.map(into_contiguous)
}
