//! Whole numbers on a device.

use burn::tensor::{Device, Int, Tensor, TensorData};

pub(super) fn ints(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

pub(super) fn as_int(position: usize) -> i64 {
    i64::try_from(position).expect("a batch holds fewer than 2^63 words")
}
