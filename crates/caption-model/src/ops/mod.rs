//! The costly operations of training, each behind one function: what runs on which device is decided in here.

mod attend;
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

pub(crate) use attend::attend;
pub(crate) use linear::linear;
pub use linear_argmax::{GreedyWords, linear_argmax};
pub use linear_cross_entropy::{WordLoss, linear_cross_entropy};
pub(crate) use lstm_gates::lstm_gates;
pub(crate) use tanh::tanh;

#[cfg(all(test, any(feature = "cuda", feature = "wgpu")))]
#[path = "../../tests/common/gpu.rs"]
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
