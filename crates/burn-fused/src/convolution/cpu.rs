//! The convolution on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    nn::{PaddingConfig2d, conv::Conv2d},
    tensor::Tensor,
};

use super::{forward::convolve, padded::Shape, weight_gradient::weight_gradient};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// Of fewer locations the sums over them are short, and Burn's products of matrices as fast or
/// faster.
const FEWEST_LOCATIONS: usize = 512;

/// `None` if the tensors lie on another device or are not `f32`, and if it is another convolution
/// or one of few locations.
pub(super) fn convolution(layer: &Conv2d, x: &Tensor<4>) -> Option<Tensor<4>> {
    let [batch, channels_in, height, width] = x.dims();
    let [channels_out, inputs, ..] = layer.weight.dims();
    let padded_by_one = match layer.padding {
        PaddingConfig2d::Same => true,
        PaddingConfig2d::Explicit(top, left, bottom, right) => [top, left, bottom, right] == [1; 4],
        PaddingConfig2d::Valid => false,
    };
    let ours = layer.kernel_size == [3, 3]
        && layer.stride == [1, 1]
        && layer.dilation == [1, 1]
        && layer.groups == 1
        && padded_by_one;
    if !ours || batch * height * width < FEWEST_LOCATIONS || channels_in * channels_out == 0 {
        return None;
    }
    assert_eq!(
        channels_in, inputs,
        "the layer reads maps of {inputs} channels"
    );
    let weight = layer.weight.val();
    let bias = match &layer.bias {
        Some(bias) => bias.val(),
        None => Tensor::zeros([channels_out], &x.device()),
    };
    let function = Convolution {
        x: on_cpu(x.clone().inner())?,
        weight: on_cpu(weight.clone().inner())?,
    };
    let output = convolve(
        &floats(&function.x),
        Shape {
            channels: channels_in,
            height,
            width,
        },
        &floats(&function.weight),
        Some(&floats(&on_cpu(bias.clone().inner())?)),
    );
    let output = to_primitive(output, &[batch, channels_out, height, width]);
    let output = Tensor::from_primitive::<Flex>(output);
    if !x.is_autodiff() && !weight.is_autodiff() {
        return Some(output);
    }
    let parents = [
        node::<Flex, 4>(x.clone())?,
        node::<Flex, 4>(weight)?,
        node::<Flex, 1>(bias)?,
    ];
    record::<Flex, _, 4, 3>(function, parents, output)
}

/// What went in.
#[derive(Clone, Debug)]
struct Convolution {
    x: FlexTensor,
    weight: FlexTensor,
}

impl Function<4, 3> for Convolution {
    fn gradients(
        self,
        upstream: Tensor<4>,
        [for_x, for_weight, for_bias]: [bool; 3],
    ) -> [Option<DispatchTensor>; 3] {
        let [_, channels_in, height, width] = self.x.shape().dims();
        let [channels_out, ..] = self.weight.shape().dims::<4>();
        let shape = |channels| Shape {
            channels,
            height,
            width,
        };
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let upstream = floats(&upstream);
        let x = for_x.then(|| {
            let weight = turned(&floats(&self.weight), channels_out, channels_in);
            let gradient = convolve(&upstream, shape(channels_out), &weight, None);
            to_dispatch(gradient, &self.x.shape())
        });
        let (weight, bias) = if for_weight || for_bias {
            let (weight, bias) = weight_gradient(
                &floats(&self.x),
                shape(channels_in),
                &upstream,
                channels_out,
            );
            (
                for_weight.then(|| to_dispatch(weight, &self.weight.shape())),
                for_bias.then(|| to_dispatch(bias, &[channels_out])),
            )
        } else {
            (None, None)
        };
        [x, weight, bias]
    }
}

/// The weights by which the gradient of the output becomes that of the input: kernels turned by
/// half, inputs and outputs exchanged.
fn turned(weight: &[f32], outputs: usize, inputs: usize) -> Vec<f32> {
    let mut turned = vec![0.0; weight.len()];
    for output in 0..outputs {
        for input in 0..inputs {
            for tap in 0..9 {
                turned[(input * outputs + output) * 9 + 8 - tap] =
                    weight[(output * inputs + input) * 9 + tap];
            }
        }
    }
    turned
}
