//! A linear layer on the CPU: from tensors to slices and back.

use burn::{backend::Flex, nn::Linear, tensor::Tensor};

use super::simd::linear as multiply;
use crate::cpu::tensor::{floats, on_cpu, to_primitive};

/// `None` if the tensors lie on another device, are on the graph of gradients or are not `f32`, and
/// if there is nothing to multiply.
pub(super) fn linear<const D: usize>(layer: &Linear, x: &Tensor<D>) -> Option<Tensor<D>> {
    let [d_input, d_output] = layer.weight.dims();
    let mut shape = x.dims();
    if shape.contains(&0) || d_input == 0 || d_output == 0 {
        return None;
    }
    assert_eq!(
        shape[D - 1],
        d_input,
        "the layer reads vectors of {d_input} numbers"
    );
    let (x, weight) = (on_cpu(x.clone())?, on_cpu(layer.weight.val())?);
    let bias = match &layer.bias {
        Some(bias) => Some(on_cpu(bias.val())?),
        None => None,
    };
    let bias = bias.as_ref().map(floats);
    let output = multiply(
        &floats(&x),
        &floats(&weight),
        [d_input, d_output],
        bias.as_deref(),
    );
    shape[D - 1] = d_output;
    Some(Tensor::from_primitive::<Flex>(to_primitive(output, &shape)))
}
