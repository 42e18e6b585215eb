//! Batches: which pairs each has, and how they come to the device.

mod indices;
mod loader;
mod plan;
mod resident;
mod windows;

pub(crate) use loader::{Ahead, Loaded, Loader, Noise};
pub use plan::plan_batches;
pub use resident::FeaturesOnDevice;
pub(crate) use resident::{Resident, is_cpu};
pub use windows::{Shuffle, plan_in_windows};
