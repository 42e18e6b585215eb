//! Fused operations for any Burn program: a linear layer with cross entropy that never holds the
//! logits, a linear layer with argmax, LSTM gates, additive attention, causal attention over packed
//! sequences, a copy distribution, and the layers of VGG.
//!
//! Each operation is one function over Burn's tensors. On the CPU (`flex`) and, for the gates,
//! attention and cross entropy, on GPUs (`kernels`) it runs as one node of the autodiff graph with
//! a backward pass written by hand; on any other device, or for other floating-point types, it is
//! made of Burn's own tensor operations, with the same result up to rounding. None of them can be
//! differentiated twice by hand: a graph that is computed twice takes Burn's operations.
//!
//! | operation | in place of | fused on the CPU | fused on GPUs |
//! |---|---|---|---|
//! | [`linear_cross_entropy`] | `layer.forward`, `log_softmax`, `gather` | yes | in chunks |
//! | [`ArgmaxLayer`] | `layer.forward`, `argmax` | yes | |
//! | [`lstm_gates`] | three `sigmoid`, two `tanh`, products | yes | a kernel each way |
//! | [`embedding_bag`] | `select`, `exp`, a product, `select_assign` | yes | |
//! | [`additive_attention`] | `tanh`, a linear layer, `softmax`, a product | yes | a kernel each way |
//! | [`causal_attention`] | products, a bias by `select`, `mask_fill`, `softmax` | yes | |
//! | [`copy_log_likelihood`] | a product, `mask_fill`, two `log_softmax` | yes | |
//! | [`copy_distribution`] | a product, `softmax`, `scatter` | yes | |
//! | [`convolution`] | `layer.forward` of a 3x3 convolution | yes | |
//! | [`batch_norm_relu`] | `norm.forward`, `relu` | yes | |
//! | [`halving_max_pool`] | `max_pool2d` of 2x2 | yes | |
//!
//! What tokens of packed sequences see of each other is said by [`Relations`].
//!
//! Two more stand on the CPU beside them: [`linear`], a layer whose rows do not depend on each
//! other, which is no faster than Burn's, and [`exp`] of a slice.
//!
//! # Example
//!
//! ```
//! use burn::{nn::LinearConfig, tensor::{Device, Tensor}};
//! use burn_fused::linear_cross_entropy;
//!
//! let device = Device::flex().autodiff();
//! let layer = LinearConfig::new(64, 30_000).init(&device);
//! let input = Tensor::ones([8, 64], &device).require_grad();
//! let targets = Tensor::from_ints([3, 1, 4, 1, 5, 9, 2, 6], &device);
//! let losses = linear_cross_entropy(input.clone(), &layer, targets, 0.0);
//! let gradients = losses.loss.mean().backward(); // 8 x 30,000 logits are never in memory
//! assert_eq!(input.grad(&gradients).expect("it was asked for").dims(), [8, 64]);
//! ```
//!
//! # Numbers
//!
//! On the CPU everything is computed in `f32`, in vectors and on all cores, and repeats to the last
//! bit whatever the number of threads. The kernels read and write what the tensors hold (`f32`,
//! `bf16`, `f16`) and compute in `f32`.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend and the operations written for it.
//! - `cuda`: NVIDIA GPUs. Building it downloads LLVM; `cuda-nvrtc` builds without.
//! - `wgpu`: Vulkan and other graphics APIs.
//! - `kernels`: the CubeCL kernels; comes with `cuda` and `wgpu`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod attention;
mod batch_norm_relu;
mod causal_attention;
mod convolution;
mod copy_likelihood;
#[cfg(feature = "flex")]
mod cpu;
#[cfg(all(test, feature = "cuda-source"))]
mod cuda_source;
mod embedding_bag;
mod error;
mod exp;
#[cfg(any(test, feature = "flex", feature = "kernels"))]
mod graph;
mod halving;
#[cfg(feature = "kernels")]
mod kernel;
mod linear;
mod linear_argmax;
mod linear_cross_entropy;
mod lstm_gates;
mod pairs;
mod relations;
#[cfg(test)]
mod test_support;

pub use attention::additive_attention;
pub use batch_norm_relu::batch_norm_relu;
pub use causal_attention::causal_attention;
pub use convolution::convolution;
pub use copy_likelihood::{
    CopyDistribution, CopyLogLikelihood, NO_COPY, copy_distribution, copy_log_likelihood,
};
pub use embedding_bag::{Bags, embedding_bag};
pub use error::Error;
pub use exp::exp;
pub use halving::halving_max_pool;
pub use linear::linear;
pub use linear_argmax::ArgmaxLayer;
pub use linear_cross_entropy::{CrossEntropy, linear_cross_entropy};
pub use lstm_gates::lstm_gates;
pub use relations::{ItemRelations, Relations};
