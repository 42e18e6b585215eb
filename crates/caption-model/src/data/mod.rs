//! (frame, comment) pairs and the batches made of them.

mod batch;
mod pairs;
mod plan;

pub use batch::Batch;
pub(crate) use batch::load_features;
pub use pairs::{Pair, Pairs};
pub use plan::{plan_batches, plan_in_order};
