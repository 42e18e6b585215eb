//! Likelihoods of copying on the CPU, as one node of the graph.

use std::sync::Arc;

use burn::{
    backend::{DispatchTensor, Flex, flex::FlexTensor},
    tensor::{Int, Tensor},
};

use super::{
    CopyDistribution, CopyLogLikelihood,
    distribution::copy_distribution as by_token,
    simd::{Copy, Likelihoods},
};
use crate::{
    Relations,
    cpu::tensor::{floats, indices, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn copy_log_likelihood(
    query: &Tensor<3>,
    key: &Tensor<3>,
    tokens: &Tensor<2, Int>,
    targets: &Tensor<2, Int>,
    relations: &Relations,
) -> Option<CopyLogLikelihood> {
    let [batch, length, d] = query.dims();
    let inputs = Inputs {
        query: on_cpu(query.clone().inner())?,
        key: on_cpu(key.clone().inner())?,
        tokens: ids(tokens),
        targets: ids(targets),
        d,
        relations: relations.clone(),
    };
    let likelihoods = inputs.with(|copy| copy.forward());
    let mut output = likelihoods.target();
    output.extend(&likelihoods.none);
    let output = to_primitive(output, &[2, batch, length]);
    let output = if query.is_autodiff() || key.is_autodiff() {
        let parents = [
            node::<Flex, 3>(query.clone())?,
            node::<Flex, 3>(key.clone())?,
        ];
        let output = Tensor::from_primitive::<Flex>(output);
        let function = Pointer {
            inputs,
            likelihoods: Arc::new(likelihoods),
        };
        record::<Flex, _, 3, 2>(function, parents, output)?
    } else {
        Tensor::<3>::from_primitive::<Flex>(output)
    };
    Some(CopyLogLikelihood {
        target: output.clone().narrow(0, 0, 1).squeeze_dim(0),
        none: output.narrow(0, 1, 1).squeeze_dim(0),
    })
}

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn copy_distribution(
    query: &Tensor<3>,
    key: &Tensor<3>,
    tokens: &Tensor<2, Int>,
    num_tokens: usize,
    relations: &Relations,
) -> Option<CopyDistribution> {
    let [batch, new, d] = query.dims();
    let (query, key) = (on_cpu(query.clone())?, on_cpu(key.clone())?);
    let tokens = indices(tokens.clone(), num_tokens);
    let (query, key) = (floats(&query), floats(&key));
    let (tokens, none) = by_token(&query, &key, &tokens, d, num_tokens, relations);
    let tokens = to_primitive(tokens, &[batch, new, num_tokens]);
    Some(CopyDistribution {
        tokens: Tensor::from_primitive::<Flex>(tokens),
        none: Tensor::from_primitive::<Flex>(to_primitive(none, &[batch, new])),
    })
}

fn ids(tokens: &Tensor<2, Int>) -> Arc<[u32]> {
    let limit = usize::try_from(u64::from(u32::MAX) + 1).unwrap_or(usize::MAX);
    let ids = indices(tokens.clone(), limit).into_iter();
    ids.map(|id| u32::try_from(id).expect("it is below the limit"))
        .collect()
}

#[derive(Clone, Debug)]
struct Inputs {
    query: FlexTensor,
    key: FlexTensor,
    tokens: Arc<[u32]>,
    targets: Arc<[u32]>,
    d: usize,
    relations: Relations,
}

impl Inputs {
    fn with<T>(&self, run: impl FnOnce(Copy<'_>) -> T) -> T {
        run(Copy {
            d: self.d,
            query: &floats(&self.query),
            key: &floats(&self.key),
            tokens: &self.tokens,
            targets: &self.targets,
            relations: &self.relations,
        })
    }
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct Pointer {
    inputs: Inputs,
    likelihoods: Arc<Likelihoods>,
}

impl Function<3, 2> for Pointer {
    fn gradients(self, upstream: Tensor<3>, wanted: [bool; 2]) -> [Option<DispatchTensor>; 2] {
        let Self {
            inputs,
            likelihoods,
        } = self;
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let (query, key) = inputs.with(|copy| copy.backward(&likelihoods, &floats(&upstream)));
        let shape = [
            inputs.relations.batch(),
            inputs.relations.length(),
            inputs.d,
        ];
        let [of_query, of_key] = wanted;
        [
            of_query.then(|| to_dispatch(query, &shape)),
            of_key.then(|| to_dispatch(key, &shape)),
        ]
    }
}
