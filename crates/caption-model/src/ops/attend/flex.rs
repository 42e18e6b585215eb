//! Attention on the CPU, as one node of the graph.

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, NodeGuard, Ops, OpsKind},
        },
        flex::FlexTensor,
        tensor::FloatTensor,
    },
    nn::Linear,
    tensor::Tensor,
};

use crate::ops::cpu::{Attend, floats, node, on_cpu, to_primitive};

/// `None` if the tensors lie on another device or are not `f32`.
pub(super) fn attend(
    keys: &Tensor<3>,
    query: &Tensor<2>,
    score: &Linear,
    annotations: &Tensor<3>,
) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, locations, d_attention] = keys.dims();
    let [_, _, d_annotation] = annotations.dims();
    assert_eq!(
        query.dims(),
        [batch, d_attention],
        "a query for each picture"
    );
    assert_eq!(
        score.weight.dims(),
        [d_attention, 1],
        "a score for each key"
    );
    assert_eq!(
        annotations.dims(),
        [batch, locations, d_annotation],
        "an annotation for each key"
    );
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
    let output = if autodiff {
        let parents = [
            node(keys.clone())?,
            node(query.clone())?,
            node(score.weight.val())?,
            node(annotations.clone())?,
        ];
        let output = match &score.bias {
            Some(bias) => {
                let [keys, query, weight, annotations] = parents;
                inputs.record([keys, query, weight, annotations, node(bias.val())?])
            }
            None => inputs.record(parents),
        };
        Tensor::<2>::from_primitive::<Autodiff<Flex>>(output)
    } else {
        Tensor::<2>::from_primitive::<Flex>(inputs.forward())
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
    fn with<T>(&self, run: impl FnOnce(Attend<'_>) -> T) -> T {
        let [batch, locations, _] = self.keys.shape().dims();
        run(Attend {
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
        let output = self.with(|attend| attend.forward());
        let width = output.len() / batch;
        to_primitive(output, &[batch, width])
    }

    fn record<const N: usize>(self, parents: [NodeGuard; N]) -> FloatTensor<Autodiff<Flex>> {
        let output = self.forward();
        match Attention
            .prepare::<NoCheckpointing>(parents)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(node) => node.finish((self, output.clone()), output),
            OpsKind::UnTracked(node) => node.finish(output),
        }
    }
}

/// Holds what went in and what came out.
#[derive(Debug)]
struct Attention;

impl<const N: usize> Backward<Flex, N> for Attention {
    type State = (Inputs, FlexTensor);

    fn backward(self, ops: Ops<Self::State, N>, graph: &mut Gradients, _: &mut Checkpointer) {
        let upstream = graph.consume::<Flex>(&ops.node);
        let (inputs, output) = ops.state;
        let of_annotations = ops.parents[3].is_some();
        let gradients = inputs
            .with(|attend| attend.backward(&floats(&output), &floats(&upstream), of_annotations));
        let shaped =
            |values, tensor: &FlexTensor| to_primitive(values, &tensor.shape().dims::<3>());
        let matrix =
            |values, tensor: &FlexTensor| to_primitive(values, &tensor.shape().dims::<2>());
        let by_place = [
            shaped(gradients.keys, &inputs.keys),
            matrix(gradients.query, &inputs.query),
            matrix(gradients.score, &inputs.score),
            match of_annotations {
                true => shaped(gradients.annotations, &inputs.annotations),
                false => to_primitive(Vec::new(), &[0, 0, 0]),
            },
            // A number added to all scores changes no weight.
            to_primitive(vec![0.0], &[1]),
        ];
        for (parent, gradient) in ops.parents.into_iter().zip(by_place) {
            if let Some(parent) = parent {
                graph.register::<Flex>(parent.id, gradient);
            }
        }
    }
}
