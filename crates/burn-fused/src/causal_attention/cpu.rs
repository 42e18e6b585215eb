//! Causal attention on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    tensor::Tensor,
};

use super::simd::{Attended, CausalAttention};
use crate::{
    Relations,
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn causal_attention(
    query: &Tensor<4>,
    key: &Tensor<4>,
    value: &Tensor<4>,
    bias: &Tensor<2>,
    relations: &Relations,
) -> Option<Tensor<4>> {
    let inputs = Inputs {
        query: on_cpu(query.clone().inner())?,
        key: on_cpu(key.clone().inner())?,
        value: on_cpu(value.clone().inner())?,
        bias: on_cpu(bias.clone().inner())?,
        relations: relations.clone(),
    };
    let autodiff = [query, key, value].map(Tensor::is_autodiff).contains(&true);
    let Attended {
        output,
        log_sum_exp,
    } = inputs.with(|attention| attention.forward());
    let output = to_primitive(output, &inputs.query.shape());
    if !(autodiff || bias.is_autodiff()) {
        return Some(Tensor::from_primitive::<Flex>(output));
    }
    let parents = [
        node::<Flex, 4>(query.clone())?,
        node::<Flex, 4>(key.clone())?,
        node::<Flex, 4>(value.clone())?,
        node::<Flex, 2>(bias.clone())?,
    ];
    let attention = Attention {
        inputs,
        output: output.clone(),
        log_sum_exp,
    };
    record::<Flex, _, 4, 4>(attention, parents, Tensor::from_primitive::<Flex>(output))
}

#[derive(Clone, Debug)]
struct Inputs {
    query: FlexTensor,
    key: FlexTensor,
    value: FlexTensor,
    bias: FlexTensor,
    relations: Relations,
}

impl Inputs {
    fn with<T>(&self, run: impl FnOnce(CausalAttention<'_>) -> T) -> T {
        let [_, new, heads, d] = self.query.shape().dims();
        run(CausalAttention {
            new,
            heads,
            d,
            query: &floats(&self.query),
            key: &floats(&self.key),
            value: &floats(&self.value),
            bias: &floats(&self.bias),
            relations: &self.relations,
        })
    }
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct Attention {
    inputs: Inputs,
    output: FlexTensor,
    log_sum_exp: Vec<f32>,
}

impl Function<4, 4> for Attention {
    fn gradients(self, upstream: Tensor<4>, wanted: [bool; 4]) -> [Option<DispatchTensor>; 4] {
        let Self {
            inputs,
            output,
            log_sum_exp,
        } = self;
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let gradients = inputs.with(|attention| {
            attention.backward(&floats(&output), &log_sum_exp, &floats(&upstream))
        });
        let mut by_place = [
            (gradients.query, &inputs.query),
            (gradients.key, &inputs.key),
            (gradients.value, &inputs.value),
            (gradients.bias, &inputs.bias),
        ]
        .map(|(values, tensor)| to_dispatch(values, &tensor.shape()))
        .into_iter();
        wanted.map(|wanted| by_place.next().filter(|_| wanted))
    }
}
