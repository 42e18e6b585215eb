//! Features on disk: a folder of memory-mapped blocks.

mod block;
mod feature_store;
mod info;
mod plan;
mod video_end;
mod video_source;
mod writer;

pub use feature_store::FeatureStore;
pub use info::StoreInfo;
pub use plan::StorePlan;
pub use video_end::VideoEnd;
pub use video_source::VideoSource;
pub use writer::FeatureStoreWriter;
