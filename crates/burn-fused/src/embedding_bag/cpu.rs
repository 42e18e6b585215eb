//! The embedding bag on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex, TensorMetadata, flex::FlexTensor},
    tensor::Tensor,
};

use super::{bags::Bags, simd::Table};
use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn embedding_bag(
    table: &Tensor<2>,
    log_weights: &Tensor<1>,
    bags: &Bags,
) -> Option<Tensor<2>> {
    let [rows, d] = table.dims();
    if rows * d == 0 {
        return None;
    }
    let mut function = EmbeddingBag {
        table: on_cpu(table.clone().inner())?,
        log_weights: on_cpu(log_weights.clone().inner())?,
        bags: bags.clone(),
        means: Vec::new(),
        totals: Vec::new(),
    };
    (function.means, function.totals) = function.with(|table| table.means(bags));
    let means = to_primitive(function.means.clone(), &[bags.len(), d]);
    let means = Tensor::from_primitive::<Flex>(means);
    if !table.is_autodiff() && !log_weights.is_autodiff() {
        return Some(means);
    }
    let parents = [
        node::<Flex, 2>(table.clone())?,
        node::<Flex, 1>(log_weights.clone())?,
    ];
    record::<Flex, _, 2, 2>(function, parents, means)
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct EmbeddingBag {
    table: FlexTensor,
    log_weights: FlexTensor,
    bags: Bags,
    means: Vec<f32>,
    totals: Vec<f32>,
}

impl EmbeddingBag {
    fn with<T>(&self, run: impl FnOnce(Table<'_>) -> T) -> T {
        let [_, d] = self.table.shape().dims();
        run(Table {
            d,
            rows: &floats(&self.table),
            log_weights: &floats(&self.log_weights),
        })
    }
}

impl Function<2, 2> for EmbeddingBag {
    fn gradients(self, upstream: Tensor<2>, _: [bool; 2]) -> [Option<DispatchTensor>; 2] {
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let (table, log_weights) = self.with(|table| {
            table.gradients(&self.bags, &self.means, &self.totals, &floats(&upstream))
        });
        [
            Some(to_dispatch(table, &self.table.shape())),
            Some(to_dispatch(log_weights, &self.log_weights.shape())),
        ]
    }
}
