//! The word layer with its loss on the CPU, as one node of the graph.

use std::sync::Arc;

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            NodeId,
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients as Graph,
            ops::{Backward, NodeGuard, Ops, OpsKind},
        },
        flex::FlexTensor,
    },
    nn::Linear,
    tensor::{Int, Tensor},
};

use super::WordLoss;
use crate::{
    cpu::{
        Costs, Gradients, Request, WordLayer, floats, indices, on_cpu, to_primitive, word_costs,
    },
    graph::node,
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn word_loss(
    deep: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
) -> Option<WordLoss> {
    let [d, num_words] = layer.weight.dims();
    if d * num_words == 0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    let inputs = Inputs {
        deep: on_cpu(deep.clone().inner())?,
        weight: on_cpu(layer.weight.val().inner())?,
        bias: match &layer.bias {
            Some(bias) => Some(on_cpu(bias.val().inner())?),
            None => None,
        },
        targets: Arc::new(indices(targets.clone(), num_words)),
        smoothing: smoothing as f32,
    };
    if !(deep.is_autodiff() || layer.weight.is_autodiff()) {
        let (costs, _) = inputs.costs(None);
        let [loss, nll] = [costs.loss, costs.nll].map(vector);
        return Some(WordLoss { loss, nll });
    }
    let parents = [
        node::<Flex, 2>(deep.clone())?,
        node::<Flex, 2>(layer.weight.val())?,
    ];
    let (loss, nll) = match &layer.bias {
        Some(bias) => {
            let [deep, weight] = parents;
            inputs.record([deep, weight, node::<Flex, 1>(bias.val())?])
        }
        None => inputs.record(parents),
    };
    Some(WordLoss {
        loss: Tensor::from_primitive::<Autodiff<Flex>>(loss),
        nll: Tensor::from_inner(vector(nll)),
    })
}

type Tracked = burn::backend::tensor::FloatTensor<Autodiff<Flex>>;

fn vector(values: Vec<f32>) -> Tensor<1> {
    let shape = [values.len()];
    Tensor::from_primitive::<Flex>(to_primitive(values, &shape))
}

#[derive(Clone, Debug)]
struct Inputs {
    deep: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    targets: Arc<Vec<usize>>,
    smoothing: f32,
}

impl Inputs {
    fn costs(&self, weights: Option<&[f32]>) -> (Costs, Option<Gradients>) {
        let weight = floats(&self.weight);
        let bias = self.bias.as_ref().map(floats);
        let layer = WordLayer::new(&weight, self.d(), bias.as_deref());
        let request = Request {
            deep: &floats(&self.deep),
            targets: &self.targets,
            smoothing: self.smoothing,
            weights,
        };
        word_costs(request, &weight, &layer)
    }

    fn d(&self) -> usize {
        self.weight.shape()[0]
    }

    /// Computes and puts a node with these parents into the graph.
    fn record<const N: usize>(self, parents: [NodeGuard; N]) -> (Tracked, Vec<f32>) {
        match WordCosts
            .prepare::<NoCheckpointing>(parents)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(node) => {
                let ones = vec![1.0; self.targets.len()];
                let (costs, gradients) = self.costs(Some(&ones));
                let shape = [costs.loss.len()];
                let gradients = Arc::new(gradients.expect("they were asked for"));
                let loss = to_primitive(costs.loss, &shape);
                (node.finish((self, gradients), loss), costs.nll)
            }
            OpsKind::UnTracked(node) => {
                let (costs, _) = self.costs(None);
                let shape = [costs.loss.len()];
                (node.finish(to_primitive(costs.loss, &shape)), costs.nll)
            }
        }
    }
}

/// Holds the gradients of the plain sum of all losses.
#[derive(Debug)]
struct WordCosts;

impl<const N: usize> Backward<Flex, N> for WordCosts {
    type State = (Inputs, Arc<Gradients>);

    fn backward(self, ops: Ops<Self::State, N>, graph: &mut Graph, _: &mut Checkpointer) {
        let upstream = graph.consume::<Flex>(&ops.node);
        let upstream = floats(&upstream);
        let (inputs, unit) = ops.state;
        let parents = ops.parents.map(|parent| parent.map(|node| node.id));
        let Some(&scale) = upstream.first() else {
            return register(parents, graph, &inputs, &unit, 0.0);
        };
        if upstream.iter().all(|factor| *factor == scale) {
            return register(parents, graph, &inputs, &unit, scale);
        }
        let (_, weighted) = inputs.costs(Some(&upstream));
        let weighted = weighted.expect("they were asked for");
        register(parents, graph, &inputs, &weighted, 1.0);
    }
}

fn register<const N: usize>(
    parents: [Option<NodeId>; N],
    graph: &mut Graph,
    inputs: &Inputs,
    gradients: &Gradients,
    scale: f32,
) {
    let positions = inputs.targets.len();
    let [d, num_words] = inputs.weight.shape().dims();
    for (place, parent) in parents.into_iter().enumerate() {
        let Some(parent) = parent else { continue };
        let gradient = match place {
            0 => to_primitive(
                gradients.deep.iter().map(|value| value * scale).collect(),
                &[positions, d],
            ),
            1 => to_primitive(gradients.weight(d, scale), &[d, num_words]),
            _ => to_primitive(gradients.bias(scale), &[num_words]),
        };
        graph.register::<Flex>(parent, gradient);
    }
}
