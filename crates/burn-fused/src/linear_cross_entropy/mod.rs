#[cfg(any(test, feature = "kernels"))]
mod chunked;
#[cfg(feature = "flex")]
mod cpu;
mod loss;
mod plain;
#[cfg(feature = "flex")]
mod simd;
#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests;

use burn::{
    nn::Linear,
    tensor::{Int, Tensor},
};

pub use loss::CrossEntropy;

/// The cross entropy of a linear layer's output, `-log softmax(x W + b)[target]`, without ever
/// holding the logits of a whole batch.
///
/// On the CPU logits and their gradients are there for some hundreds of rows at a time: the
/// gradients of all rows' losses are computed with the losses, and scaled when the backward pass
/// tells by what. If it then has another factor for each row, they are computed once more. On a GPU
/// logits are there for 256 MiB at a time and computed once more in the backward pass.
///
/// With label smoothing ε (Szegedy et al., "Rethinking the Inception Architecture for Computer
/// Vision", 2016, section 7) the target is the class with weight `1 − ε` and every class with
/// weight `ε / num_classes`; `smoothing` of 0 leaves it out.
///
/// # Shapes
///
/// - `input`: `[rows, d]`, padding left out
/// - `layer`: `d` to `num_classes`
/// - `targets`: `[rows]`
///
/// # Panics
///
/// Panics if the shapes do not fit, and on the CPU if a target is none of the classes.
#[must_use]
pub fn linear_cross_entropy(
    input: Tensor<2>,
    layer: &Linear,
    targets: Tensor<1, Int>,
    smoothing: f64,
) -> CrossEntropy {
    let ([rows, d], [d_layer, _]) = (input.dims(), layer.weight.dims());
    assert_eq!(d, d_layer, "the layer reads vectors of {d_layer} numbers");
    assert_eq!(targets.dims(), [rows], "a target for each row");
    #[cfg(feature = "flex")]
    if let Some(losses) = cpu::cross_entropy(&input, layer, &targets, smoothing) {
        return losses;
    }
    #[cfg(feature = "kernels")]
    if let Some(losses) =
        chunked::cross_entropy::<burn::backend::Cube>(&input, layer, &targets, smoothing)
    {
        return losses;
    }
    plain::cross_entropy(input, layer, targets, smoothing)
}
