//! Pictures as tensors, and tensors as numbers.

use burn::tensor::{Device, Tensor};
use frame_features::{Picture, Preprocess};
use image::RgbImage;

/// A tensor's numbers.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .try_into_vec_as::<f32>()
        .expect("on the CPU a tensor's numbers lie in memory")
}

/// Pictures as the encoder takes them.
pub(super) fn batch(pictures: &[&RgbImage], size: u32, device: &Device) -> Tensor<4> {
    let pictures: Vec<_> = pictures
        .iter()
        .map(|picture| {
            Picture::new(
                picture.width() as usize,
                picture.height() as usize,
                picture.as_raw(),
            )
            .expect("a picture has three bytes for each pixel")
        })
        .collect();
    Preprocess::new(size as usize).batch(&pictures, device)
}
