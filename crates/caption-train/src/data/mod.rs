//! Batches: which pairs each has, and how they come to the device.

mod device_features;
mod indices;
mod loader;
mod plan;
mod windows;

pub use device_features::FeaturesOnDevice;
pub(crate) use device_features::{DeviceFeatures, is_cpu};
pub(crate) use loader::{Ahead, Loaded, Loader, Noise};
pub use plan::plan_batches;
pub use windows::{Shuffle, plan_in_windows};
