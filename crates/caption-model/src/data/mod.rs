//! (frame, comment) pairs and the batches made of them.

mod batch;
mod loader;
mod padded;
mod pairs;
mod plan;
mod resident;
mod windows;

pub use batch::Batch;
pub(crate) use batch::load_features;
pub(crate) use loader::{Ahead, Loaded, Loader, Noise};
pub(crate) use padded::{as_int, ints};
pub use pairs::{Pair, Pairs};
pub use plan::{plan_batches, plan_in_order};
pub use resident::FeaturesOnDevice;
pub(crate) use resident::{Resident, is_cpu};
pub use windows::{Shuffle, plan_in_windows};
