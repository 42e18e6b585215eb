//! Writing and scoring comments with whole models, on features made for the purpose.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod batches;
mod captioning;
mod decoding;
mod model;
mod scoring;
