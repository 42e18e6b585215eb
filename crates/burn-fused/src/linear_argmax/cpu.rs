//! The argmax of a linear layer on the CPU: from tensors to slices and back.

use burn::{
    nn::Linear,
    tensor::{Int, Tensor},
};

use super::simd::Argmax;
use crate::cpu::tensor::{floats, on_cpu};

/// A layer's weights in the order in which products read them.
#[derive(Debug)]
pub(super) struct CpuLayer(Argmax);

impl CpuLayer {
    /// `None` if the layer lies on another device, is not in `f32` or has no inputs.
    pub(super) fn new(layer: &Linear, excluded: &[u32]) -> Option<Self> {
        let [d, _] = layer.weight.dims();
        if d == 0 {
            return None;
        }
        let weight = on_cpu(layer.weight.val().inner())?;
        let bias = match &layer.bias {
            Some(bias) => Some(on_cpu(bias.val().inner())?),
            None => None,
        };
        let bias = bias.as_ref().map(floats);
        let mut argmax = Argmax::new(&floats(&weight), d, bias.as_deref());
        for &class in excluded {
            argmax.exclude(class as usize);
        }
        Some(Self(argmax))
    }

    /// `None` if the input lies on another device or is not in `f32`.
    pub(super) fn argmax(&self, input: &Tensor<2>) -> Option<Tensor<1, Int>> {
        let device = input.device();
        let input = on_cpu(input.clone())?;
        let classes: Vec<i64> = self
            .0
            .argmax(&floats(&input))
            .into_iter()
            .map(|class| i64::try_from(class).expect("the number of classes fits i64"))
            .collect();
        Some(Tensor::from_ints(&classes[..], &device))
    }
}
