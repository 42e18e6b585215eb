//! What the device can do at best: measured, not read off a data sheet.

use std::{fmt, time::Instant};

use burn::tensor::{DType, Device, Distribution, FloatDType, Tensor};

use crate::Outcome;

/// Rates of a device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    /// Operations a second of a large matrix product, a multiplication and an addition being two.
    pub(crate) matrix: f64,
    /// The type of its numbers.
    dtype: FloatDType,
    /// Bytes a second, read and written together, of a copy.
    pub(crate) memory: f64,
}

/// Rounds; the fastest counts.
const ROUNDS: usize = 10;

impl Floor {
    pub(crate) fn measure(device: &Device, side: usize) -> Outcome<Self> {
        let dtype = if device.supports_dtype(FloatDType::BF16) && *device != Device::flex() {
            FloatDType::BF16
        } else {
            FloatDType::F32
        };
        let random = || {
            let numbers = Tensor::<2>::random([side, side], Distribution::Default, device);
            numbers.cast(dtype)
        };
        let (left, right) = (random(), random());
        let product = fastest(device, || left.clone().matmul(right.clone()))?;
        let large = Tensor::<2>::random([8 * side, side], Distribution::Default, device);
        let copy = fastest(device, || large.clone() + 1.0)?;
        let bytes = large.shape().num_elements() * DType::F32.size();
        Ok(Self {
            matrix: 2.0 * (side as f64).powi(3) / product,
            dtype,
            memory: 2.0 * bytes as f64 / copy,
        })
    }

    /// Seconds that so many operations of matrix products and so many bytes take at the least, if
    /// neither waits for the other.
    pub(crate) fn seconds(&self, operations: f64, bytes: f64) -> f64 {
        (operations / self.matrix).max(bytes / self.memory)
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the device: {:.1} TFLOP/s of matrix products in {:?}, {:.0} GB/s of memory",
            self.matrix / 1e12,
            self.dtype,
            self.memory / 1e9
        )
    }
}

/// Seconds of the fastest of [`ROUNDS`], after one that is not counted.
pub(crate) fn fastest<const D: usize>(
    device: &Device,
    mut work: impl FnMut() -> Tensor<D>,
) -> Outcome<f64> {
    let mut best = f64::INFINITY;
    for round in 0..=ROUNDS {
        device.sync()?;
        let start = Instant::now();
        let result = work();
        device.sync()?;
        drop(result);
        if round > 0 {
            best = best.min(start.elapsed().as_secs_f64());
        }
    }
    Ok(best)
}
