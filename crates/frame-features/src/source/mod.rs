//! Rows of features, wherever they are kept.

mod feature_source;
mod joined;
mod memory;
mod spread;

pub use feature_source::FeatureSource;
pub use joined::JoinedStores;
pub use memory::MemoryFeatures;
pub use spread::FeatureSpread;
