//! What tests of several operations need.

/// A layer whose weights are there: lazy ones would be drawn where it is moved to, by that device's
/// generator.
#[cfg(feature = "flex")]
pub(crate) fn drawn(layer: burn::nn::Linear) -> burn::nn::Linear {
    layer.weight.val();
    if let Some(bias) = &layer.bias {
        bias.val();
    }
    layer
}

/// The device that is compared with the CPU: the first NVIDIA GPU with the feature `cuda`, else
/// what `wgpu` finds, a GPU or the processor through Mesa's lavapipe.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
pub(crate) fn gpu() -> burn::tensor::Device {
    #[cfg(feature = "cuda")]
    let device = burn::tensor::Device::cuda(0);
    #[cfg(not(feature = "cuda"))]
    let device = burn::tensor::Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    device
}
