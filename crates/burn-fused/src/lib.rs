//! Fused operations for any Burn program: a linear layer with cross entropy that never holds the
//! logits, a linear layer with argmax, LSTM gates, additive attention, Adam, and clipping of
//! gradients by their common norm.
//!
//! Each operation is one function over Burn's tensors. On the CPU (`flex`) and on GPUs (`kernels`)
//! it runs as one node of the autodiff graph, written by hand; on any other device, or for other
//! floating-point types, it is made of Burn's own tensor operations, with the same result.
//!
//! # Example
//!
//! ```
//! use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
//! use burn_fused::linear_cross_entropy;
//!
//! let device = Device::flex().autodiff();
//! let words = LinearConfig::new(64, 30_000).init(&device);
//! let hidden = Tensor::ones([8, 64], &device).require_grad();
//! let targets = Tensor::from_ints([3, 1, 4, 1, 5, 9, 2, 6], &device);
//! let cost = linear_cross_entropy(hidden.clone(), &words, targets, 0.0);
//! let gradients = cost.loss.mean().backward(); // 8 x 30,000 logits are never in memory
//! assert_eq!(hidden.grad(&gradients).expect("it was asked for").dims(), [8, 64]);
//! ```
//!
//! # Features
//!
//! - `flex` (default): the operations written for the CPU.
//! - `cuda`: NVIDIA GPUs. Building it downloads LLVM; `cuda-nvrtc` builds without.
//! - `wgpu`: Vulkan and other graphics APIs.
//! - `kernels`: the CubeCL kernels; comes with the two above.

mod adam;
mod attend;
mod clip;
#[cfg(feature = "flex")]
pub(crate) mod cpu;
#[cfg(any(feature = "flex", feature = "kernels"))]
pub(crate) mod graph;
#[cfg(feature = "kernels")]
pub(crate) mod kernels;
mod linear;
mod linear_argmax;
mod linear_cross_entropy;
mod lstm_gates;
mod tanh;

pub use adam::FusedAdam;
pub use attend::attend;
pub use clip::clip_by_global_norm;
pub use linear::linear;
pub use linear_argmax::{GreedyWords, linear_argmax};
pub use linear_cross_entropy::{WordLoss, linear_cross_entropy};
pub use lstm_gates::lstm_gates;
pub use tanh::tanh;

#[cfg(all(test, any(feature = "cuda", feature = "wgpu")))]
#[path = "../tests/common/gpu.rs"]
mod gpu;

/// A layer whose weights are there: lazy ones would be drawn where it is moved to, by that device's generator.
#[cfg(all(test, feature = "flex"))]
pub(crate) fn drawn(layer: burn::nn::Linear) -> burn::nn::Linear {
    layer.weight.val();
    if let Some(bias) = &layer.bias {
        bias.val();
    }
    layer
}
