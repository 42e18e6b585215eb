//! Attention on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    nn::Linear,
    tensor::Tensor,
};

use super::simd::AdditiveAttention;
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn additive_attention(
    keys: &Tensor<3>,
    query: &Tensor<2>,
    score: &Linear,
    annotations: &Tensor<3>,
) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, locations, d_attention] = keys.dims();
    let [_, _, d_annotation] = annotations.dims();
    if batch * locations * d_attention * d_annotation == 0 {
        return None;
    }
    let inputs = Inputs {
        keys: on_cpu(keys.clone().inner())?,
        query: on_cpu(query.clone().inner())?,
        score: on_cpu(score.weight.val().inner())?,
        annotations: on_cpu(annotations.clone().inner())?,
    };
    let autodiff = keys.is_autodiff() || query.is_autodiff() || score.weight.is_autodiff();
    let output = inputs.forward();
    let output = if autodiff {
        let parents = [
            node::<Flex, 3>(keys.clone())?,
            node::<Flex, 2>(query.clone())?,
            node::<Flex, 2>(score.weight.val())?,
            node::<Flex, 3>(annotations.clone())?,
        ];
        let attention = Attention {
            inputs,
            output: output.clone(),
        };
        let output = Tensor::from_primitive::<Flex>(output);
        match &score.bias {
            Some(bias) => {
                let [keys, query, weight, annotations] = parents;
                let bias = node::<Flex, 1>(bias.val())?;
                let parents = [keys, query, weight, annotations, bias];
                record::<Flex, _, 2, 5>(attention, parents, output)?
            }
            None => record::<Flex, _, 2, 4>(attention, parents, output)?,
        }
    } else {
        Tensor::<2>::from_primitive::<Flex>(output)
    };
    Some((
        output.clone().narrow(1, 0, d_annotation),
        output.narrow(1, d_annotation, locations),
    ))
}

#[derive(Clone, Debug)]
struct Inputs {
    keys: FlexTensor,
    query: FlexTensor,
    score: FlexTensor,
    annotations: FlexTensor,
}

impl Inputs {
    fn with<T>(&self, run: impl FnOnce(AdditiveAttention<'_>) -> T) -> T {
        let [batch, locations, _] = self.keys.shape().dims();
        run(AdditiveAttention {
            batch,
            locations,
            keys: &floats(&self.keys),
            query: &floats(&self.query),
            score: &floats(&self.score),
            annotations: &floats(&self.annotations),
        })
    }

    fn forward(&self) -> FlexTensor {
        let [batch, _, _] = self.keys.shape().dims::<3>();
        let output = self.with(|additive_attention| additive_attention.forward());
        let width = output.len() / batch;
        to_primitive(output, &[batch, width])
    }
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct Attention {
    inputs: Inputs,
    output: FlexTensor,
}

impl<const N: usize> Function<2, N> for Attention {
    fn gradients(self, upstream: Tensor<2>, wanted: [bool; N]) -> [Option<DispatchTensor>; N] {
        let Self { inputs, output } = self;
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let gradients = inputs.with(|additive_attention| {
            additive_attention.backward(&floats(&output), &floats(&upstream), wanted[3])
        });
        let like = |values, tensor: &FlexTensor| to_dispatch(values, &tensor.shape());
        let mut by_place = [
            Some(like(gradients.keys, &inputs.keys)),
            Some(like(gradients.query, &inputs.query)),
            Some(like(gradients.score, &inputs.score)),
            wanted[3].then(|| like(gradients.annotations, &inputs.annotations)),
            // A number added to all scores changes no weight.
            Some(to_dispatch(vec![0.0], &[1])),
        ]
        .into_iter();
        std::array::from_fn(|_| by_place.next().flatten())
    }
}
