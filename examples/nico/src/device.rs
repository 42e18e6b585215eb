//! Which device computes.

use burn::tensor::Device;
use clap::ValueEnum;

/// Where models run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    /// The processor.
    Cpu,
    /// The first NVIDIA GPU.
    #[cfg(feature = "cuda")]
    Cuda,
}

impl DeviceName {
    /// The device itself.
    pub(crate) fn device(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::cuda(0),
        }
    }

    /// So many devices of the kind; the processor counts as several for trials only.
    pub(crate) fn devices(self, count: usize) -> Vec<Device> {
        (0..count)
            .map(|index| match self {
                #[cfg(feature = "cuda")]
                Self::Cuda => Device::cuda(index),
                Self::Cpu => {
                    let _ = index;
                    Device::flex()
                }
            })
            .collect()
    }
}
