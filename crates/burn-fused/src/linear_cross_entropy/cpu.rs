//! A linear layer with its cross entropy on the CPU, as one node of the graph.

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

use super::{
    loss::CrossEntropy,
    simd::{Gradients, Losses, Request, losses_and_gradients},
};
use crate::{
    cpu::{
        packed_linear::PackedLinear,
        tensor::{floats, indices, on_cpu, to_primitive},
    },
    graph::node,
};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn cross_entropy(
    input: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
) -> Option<CrossEntropy> {
    let [d, num_classes] = layer.weight.dims();
    if d * num_classes == 0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
    let inputs = Inputs {
        input: on_cpu(input.clone().inner())?,
        weight: on_cpu(layer.weight.val().inner())?,
        bias: match &layer.bias {
            Some(bias) => Some(on_cpu(bias.val().inner())?),
            None => None,
        },
        targets: Arc::new(indices(targets.clone(), num_classes)),
        smoothing: smoothing as f32,
    };
    if !(input.is_autodiff() || layer.weight.is_autodiff()) {
        let (losses, _) = inputs.losses(None);
        let [loss, nll] = [losses.loss, losses.nll].map(vector);
        return Some(CrossEntropy { loss, nll });
    }
    let parents = [
        node::<Flex, 2>(input.clone())?,
        node::<Flex, 2>(layer.weight.val())?,
    ];
    let (loss, nll) = match &layer.bias {
        Some(bias) => {
            let [input, weight] = parents;
            inputs.record([input, weight, node::<Flex, 1>(bias.val())?])
        }
        None => inputs.record(parents),
    };
    Some(CrossEntropy {
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
    input: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    targets: Arc<Vec<usize>>,
    smoothing: f32,
}

impl Inputs {
    fn losses(&self, weights: Option<&[f32]>) -> (Losses, Option<Gradients>) {
        let weight = floats(&self.weight);
        let bias = self.bias.as_ref().map(floats);
        let layer = PackedLinear::new(&weight, self.d(), bias.as_deref());
        let request = Request {
            input: &floats(&self.input),
            targets: &self.targets,
            smoothing: self.smoothing,
            weights,
        };
        losses_and_gradients(request, &weight, &layer)
    }

    fn d(&self) -> usize {
        self.weight.shape()[0]
    }

    /// Computes and puts a node with these parents into the graph.
    fn record<const N: usize>(self, parents: [NodeGuard; N]) -> (Tracked, Vec<f32>) {
        match Node
            .prepare::<NoCheckpointing>(parents)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(node) => {
                let ones = vec![1.0; self.targets.len()];
                let (losses, gradients) = self.losses(Some(&ones));
                let shape = [losses.loss.len()];
                let gradients = Arc::new(gradients.expect("they were asked for"));
                let loss = to_primitive(losses.loss, &shape);
                (node.finish((self, gradients), loss), losses.nll)
            }
            OpsKind::UnTracked(node) => {
                let (losses, _) = self.losses(None);
                let shape = [losses.loss.len()];
                (node.finish(to_primitive(losses.loss, &shape)), losses.nll)
            }
        }
    }
}

/// Holds the gradients of the plain sum of all losses.
#[derive(Debug)]
struct Node;

impl<const N: usize> Backward<Flex, N> for Node {
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
        let (_, weighted) = inputs.losses(Some(&upstream));
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
    let rows = inputs.targets.len();
    let [d, num_classes] = inputs.weight.shape().dims();
    for (place, parent) in parents.into_iter().enumerate() {
        let Some(parent) = parent else { continue };
        let gradient = match place {
            0 => to_primitive(
                gradients.input.iter().map(|value| value * scale).collect(),
                &[rows, d],
            ),
            1 => to_primitive(gradients.weight(d, scale), &[d, num_classes]),
            _ => to_primitive(gradients.bias(scale), &[num_classes]),
        };
        graph.register::<Flex>(parent, gradient);
    }
}
