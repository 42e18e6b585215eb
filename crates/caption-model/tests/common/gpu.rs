//! The device that is compared with the CPU.

use burn::tensor::Device;

/// The first NVIDIA GPU with the feature `cuda`, else what `wgpu` finds: a GPU, or the processor
/// through Mesa's lavapipe.
pub(crate) fn gpu() -> Device {
    #[cfg(feature = "cuda")]
    let device = Device::cuda(0);
    #[cfg(not(feature = "cuda"))]
    let device = Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    device
}
