//! The program as a user runs it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
#![cfg(feature = "video")]

mod convert;
mod demo;
mod errors;
mod evaluate;
mod fetch;
mod fine_tuning;
mod generation;
mod jobs;
mod live;
#[cfg(feature = "onnx")]
mod onnx;
mod overlay;
#[cfg(feature = "parquet")]
mod parquet;
mod pieces;
mod player;
mod program;
mod stats;
mod training;
mod whole_job;
mod words;
