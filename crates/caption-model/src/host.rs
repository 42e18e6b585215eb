//! From the device to the host.

use burn::tensor::Tensor;

use crate::error::Error;

/// A tensor's numbers in row-major order, as `f32`.
///
/// # Errors
///
/// Fails if the device does.
pub fn to_host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    tensor
        .try_into_vec_as::<f32>()
        .map_err(|error| Error::Device(error.to_string()))
}
