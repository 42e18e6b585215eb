//! Which device is which.

use burn::tensor::Device;

/// Whether a device is Burn's CPU backend.
#[cfg(feature = "flex")]
pub(crate) fn is_cpu(device: &Device) -> bool {
    device.clone().inner() == Device::flex()
}

/// Whether a device is Burn's CPU backend, which is not part of this build.
#[cfg(not(feature = "flex"))]
pub(crate) fn is_cpu(_: &Device) -> bool {
    false
}
