//! Between tensors and slices.

use std::borrow::Cow;

use burn::{
    backend::{BackendTensor, DispatchKindConversion, DispatchTensor, Flex, flex::FlexTensor},
    tensor::{DType, Int, Tensor, TensorData},
};

/// The tensor behind `tensor` if it lies on the CPU, without gradients, in `f32`.
pub(crate) fn on_cpu<const D: usize>(tensor: Tensor<D>) -> Option<FlexTensor> {
    let tensor = tensor.try_into_primitive::<Flex>().ok()?;
    (tensor.dtype() == DType::F32).then_some(tensor)
}

/// A tensor's numbers in row-major order, copied only if they lie in another.
pub(crate) fn floats(tensor: &FlexTensor) -> Cow<'_, [f32]> {
    match tensor.as_slice::<f32>() {
        Some(values) => Cow::Borrowed(values),
        None => {
            let tensor = tensor.to_contiguous();
            let values = tensor.as_slice::<f32>();
            Cow::Owned(values.expect("it is contiguous and f32").to_vec())
        }
    }
}

/// A tensor of these numbers.
pub(crate) fn to_primitive(values: Vec<f32>, shape: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.to_vec()))
}

/// The same for the graph of gradients.
pub(crate) fn to_dispatch(values: Vec<f32>, shape: &[usize]) -> DispatchTensor {
    let tensor = BackendTensor::Float(to_primitive(values, shape));
    <DispatchTensor as DispatchKindConversion<Flex>>::from_backend(tensor)
}

/// Word ids and other indices, which are never negative.
///
/// # Panics
///
/// Panics if one is not below `limit`.
pub(crate) fn indices<const D: usize>(tensor: Tensor<D, Int>, limit: usize) -> Vec<usize> {
    tensor
        .into_data()
        .iter::<i64>()
        .map(|index| match usize::try_from(index) {
            Ok(index) if index < limit => index,
            _ => panic!("index {index} of {limit}"),
        })
        .collect()
}
