//! Attention as CubeCL kernels, as one node of the graph.

use burn::{
    backend::{Cube, Dispatch, DispatchTensor},
    nn::Linear,
    tensor::Tensor,
};

use super::kernel::AttentionKernels;
use crate::graph::{Function, node, record};

/// More locations than this have no place in the memory that a cube's units share: 16 KiB where
/// there is least.
const MOST_LOCATIONS: usize = 2048;

/// `None` if the tensors lie on a device without CubeCL, have too many locations, or are not of the
/// same numbers.
pub(super) fn additive_attention(
    keys: &Tensor<3>,
    query: &Tensor<2>,
    score: &Linear,
    annotations: &Tensor<3>,
) -> Option<(Tensor<2>, Tensor<2>)> {
    let [batch, locations, k] = keys.dims();
    let [_, _, d] = annotations.dims();
    if batch * locations * k * d == 0 || locations > MOST_LOCATIONS {
        return None;
    }
    let attention = Inputs {
        keys: keys.clone().inner(),
        query: query.clone().inner(),
        score: score.weight.val().inner(),
        annotations: annotations.clone().inner(),
    };
    if [attention.query.dtype(), attention.score.dtype()] != [attention.keys.dtype(); 2] {
        return None; // the kernels read all three in the same numbers
    }
    attention.keys.clone().try_into_primitive::<Cube>().ok()?;
    let output = attention.output();
    let autodiff = keys.is_autodiff() || query.is_autodiff() || score.weight.is_autodiff();
    let output = if autodiff {
        let parents = [
            node::<Cube, 3>(keys.clone())?,
            node::<Cube, 2>(query.clone())?,
            node::<Cube, 2>(score.weight.val())?,
            node::<Cube, 3>(annotations.clone())?,
        ];
        let forward_spec = Attention {
            attention,
            output: output.clone(),
        };
        match &score.bias {
            Some(bias) => {
                let [keys, query, weight, annotations] = parents;
                let bias = node::<Cube, 1>(bias.val())?;
                record::<Cube, _, 2, 5>(
                    forward_spec,
                    [keys, query, weight, annotations, bias],
                    output,
                )?
            }
            None => record::<Cube, _, 2, 4>(forward_spec, parents, output)?,
        }
    } else {
        output
    };
    let mean = output.clone().narrow(1, 0, d).cast(annotations.dtype());
    Some((mean, output.narrow(1, d, locations)))
}

#[derive(Clone, Debug)]
struct Inputs {
    keys: Tensor<3>,
    query: Tensor<2>,
    score: Tensor<2>,
    annotations: Tensor<3>,
}

impl Inputs {
    fn output(&self) -> Tensor<2> {
        Tensor::from_dispatch(<Dispatch as AttentionKernels>::attention(
            self.keys.clone().into_dispatch(),
            self.query.clone().into_dispatch(),
            self.score.clone().into_dispatch(),
            self.annotations.clone().into_dispatch(),
        ))
    }
}

/// What went in and what came out.
#[derive(Clone, Debug)]
struct Attention {
    attention: Inputs,
    output: Tensor<2>,
}

impl<const N: usize> Function<2, N> for Attention {
    fn gradients(self, upstream: Tensor<2>, wanted: [bool; N]) -> [Option<DispatchTensor>; N] {
        let Self { attention, output } = self;
        let ([_, locations, k], [_, _, d]) = (attention.keys.dims(), attention.annotations.dims());
        let grad_annotations = wanted[3].then(|| {
            let weights = output.clone().narrow(1, d, locations).unsqueeze_dim::<3>(2);
            let means = upstream.clone().narrow(1, 0, d).unsqueeze_dim::<3>(1);
            (weights * means)
                .cast(attention.annotations.dtype())
                .into_dispatch()
        });
        let dtype = attention.keys.dtype();
        let device = output.device();
        let (grad_keys, small) = <Dispatch as AttentionKernels>::attention_backward(
            attention.keys.into_dispatch(),
            attention.query.into_dispatch(),
            attention.score.into_dispatch(),
            attention.annotations.into_dispatch(),
            output.into_dispatch(),
            upstream.into_dispatch(),
        );
        let small = Tensor::<2>::from_dispatch(small);
        let grad_query = small.clone().narrow(1, 0, k).cast(dtype);
        let grad_score = small.narrow(1, k, k).sum_dim(0).reshape([k, 1]);
        let gradients = [
            Some(grad_keys),
            Some(grad_query.into_dispatch()),
            Some(grad_score.cast(dtype).into_dispatch()),
            grad_annotations,
            // A number added to all scores changes no weight.
            Some(Tensor::<1>::zeros([1], &device).cast(dtype).into_dispatch()),
        ];
        let mut gradients = gradients.into_iter();
        std::array::from_fn(|_| gradients.next().flatten())
    }
}
