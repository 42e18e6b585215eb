//! Networks in ONNX: features of known pictures, and files that are refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod build;
mod features;
mod refused;
