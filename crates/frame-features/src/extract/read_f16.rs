//! Features from the device that computed them to memory.

use burn::tensor::{FloatDType, Tensor};
use half::f16;

use crate::device::is_cpu;
use crate::error::Error;
use crate::half_precision::{limit, to_f16};

/// Copies features from their device as f16. Where the device computes in f16 they are rounded
/// there, so that half as many bytes come over the bus.
pub(super) fn read_f16(features: Tensor<3>) -> Result<Vec<f16>, Error> {
    let device = features.device();
    if is_cpu(&device) || !device.supports_dtype(FloatDType::F16) {
        let values = features.try_into_vec_as::<f32>().map_err(Error::device)?;
        return Ok(to_f16(&values));
    }
    let halves = features.cast(FloatDType::F16);
    let mut halves = halves.try_into_vec_as::<f16>().map_err(Error::device)?;
    limit(&mut halves);
    Ok(halves)
}
