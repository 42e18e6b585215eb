//! Training and generation from end to end, on features whose comments are known.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod devices;
mod going_on;
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod gpu;
mod learning;
mod model_folder;
mod resuming;
mod selecting;
mod stores;
mod world;
