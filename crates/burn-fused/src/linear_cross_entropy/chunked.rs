//! A linear layer with its cross entropy for any device: logits are there for a chunk of the rows
//! at a time, and computed once more for the gradients.

use burn::{
    backend::{Autodiff, Backend, DispatchKindConversion, DispatchTensor},
    nn::Linear,
    tensor::{FloatDType, Int, Tensor},
};

use super::loss::CrossEntropy;
use crate::graph::{Function, node, record};

/// Logits that are there at a time, if one row does not have more: 256 MiB in `f32`.
#[cfg(feature = "kernels")]
const LOGITS: usize = 64 << 20;

/// `None` if the tensors do not lie on backend `B`, or the graph is one that is computed twice.
#[cfg(feature = "kernels")]
pub(super) fn cross_entropy<B>(
    input: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
) -> Option<CrossEntropy>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    let [_, num_classes] = layer.weight.dims();
    in_chunks::<B>(
        input,
        layer,
        targets,
        smoothing,
        LOGITS / num_classes.max(1),
    )
}

/// The same with `chunk` rows at a time.
pub(super) fn in_chunks<B>(
    input: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
    chunk: usize,
) -> Option<CrossEntropy>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    if input.dims().contains(&0) || layer.weight.dims().contains(&0) {
        return None;
    }
    let inputs = Inputs {
        input: input.clone().inner(),
        weight: layer.weight.val().inner(),
        bias: layer.bias.as_ref().map(|bias| bias.val().inner()),
        targets: targets.clone().inner(),
        smoothing,
        chunk: chunk.max(1),
    };
    let (loss, nll, normaliser) = inputs.losses();
    if !(input.is_autodiff() || layer.weight.is_autodiff()) {
        return Some(CrossEntropy { loss, nll });
    }
    let parents = [
        node::<B, 2>(input.clone())?,
        node::<B, 2>(layer.weight.val())?,
    ];
    let recomputed = Recomputed { inputs, normaliser };
    let loss = match &layer.bias {
        Some(bias) => {
            let [input, weight] = parents;
            record::<B, _, 1, 3>(recomputed, [input, weight, node::<B, 1>(bias.val())?], loss)?
        }
        None => record::<B, _, 1, 2>(recomputed, parents, loss)?,
    };
    let nll = Tensor::from_inner(nll);
    Some(CrossEntropy { loss, nll })
}

/// What goes in, without gradients.
#[derive(Clone, Debug)]
struct Inputs {
    input: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    targets: Tensor<1, Int>,
    smoothing: f64,
    /// Rows at a time.
    chunk: usize,
}

impl Inputs {
    fn chunks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let ([rows, _], chunk) = (self.input.dims(), self.chunk);
        (0..rows)
            .step_by(chunk)
            .map(move |start| (start, chunk.min(rows - start)))
    }

    /// `[len, num_classes]`, in `f32`: a normaliser sums thousands of them.
    fn logits(&self, start: usize, len: usize) -> Tensor<2> {
        let input = self.input.clone().narrow(0, start, len);
        let logits = input.matmul(self.weight.clone());
        let logits = match &self.bias {
            Some(bias) => logits + bias.clone().unsqueeze(),
            None => logits,
        };
        logits.cast(FloatDType::F32)
    }

    /// `[len, 1]`.
    fn targets(&self, start: usize, len: usize) -> Tensor<2, Int> {
        self.targets.clone().narrow(0, start, len).unsqueeze_dim(1)
    }

    /// Losses, negative log-likelihoods and log-sum-exps, `[rows]` each.
    fn losses(&self) -> (Tensor<1>, Tensor<1>, Tensor<1>) {
        let [mut losses, mut nlls, mut normalisers] = [const { Vec::new() }; 3];
        for (start, len) in self.chunks() {
            let logits = self.logits(start, len);
            let highest = logits.clone().max_dim(1);
            let sum = (logits.clone() - highest.clone()).exp().sum_dim(1);
            let normaliser = sum.log() + highest;
            let nll = normaliser.clone() - logits.clone().gather(1, self.targets(start, len));
            let loss = match self.smoothing > 0.0 {
                true => {
                    let spread = normaliser.clone() - logits.mean_dim(1);
                    nll.clone().mul_scalar(1.0 - self.smoothing) + spread.mul_scalar(self.smoothing)
                }
                false => nll.clone(),
            };
            losses.push(loss);
            nlls.push(nll);
            normalisers.push(normaliser);
        }
        let [losses, nlls, normalisers] =
            [losses, nlls, normalisers].map(|chunks| Tensor::cat(chunks, 0).squeeze_dim::<1>(1));
        (losses, nlls, normalisers)
    }

    /// The gradient of a chunk's logits, where each row's loss weighs `weights`, `[len, 1]`.
    fn grad_logits(
        &self,
        (start, len): (usize, usize),
        normaliser: Tensor<2>,
        weights: Tensor<2>,
    ) -> Tensor<2> {
        let [_, num_classes] = self.weight.dims();
        let probabilities = (self.logits(start, len) - normaliser).exp();
        let device = self.targets.device();
        let classes = Tensor::<1, Int>::arange(0..num_classes as i64, &device).unsqueeze::<2>();
        let is_target = self.targets(start, len).equal(classes).float();
        let even = self.smoothing / num_classes as f64;
        (probabilities - is_target.mul_scalar(1.0 - self.smoothing)).sub_scalar(even) * weights
    }
}

/// What the backward pass needs: logits are computed again and need no other sum.
#[derive(Clone, Debug)]
struct Recomputed {
    inputs: Inputs,
    normaliser: Tensor<1>,
}

impl<const N: usize> Function<1, N> for Recomputed {
    fn gradients(self, upstream: Tensor<1>, wanted: [bool; N]) -> [Option<DispatchTensor>; N] {
        let Inputs {
            input,
            weight,
            bias,
            ..
        } = &self.inputs;
        let is_wanted = |parent: usize| wanted.get(parent).copied().unwrap_or(false);
        let mut grad_input = Vec::new();
        let (mut grad_weight, mut grad_bias) = (None::<Tensor<2>>, None::<Tensor<2>>);
        for (start, len) in self.inputs.chunks() {
            let of_chunk =
                |values: &Tensor<1>| values.clone().narrow(0, start, len).unsqueeze_dim(1);
            let grad_logits = self.inputs.grad_logits(
                (start, len),
                of_chunk(&self.normaliser),
                of_chunk(&upstream),
            );
            if is_wanted(2) {
                let sum = grad_logits.clone().sum_dim(0);
                grad_bias = Some(added(grad_bias, sum));
            }
            let grad_logits = grad_logits.cast(weight.dtype());
            if is_wanted(0) {
                grad_input.push(grad_logits.clone().matmul(weight.clone().transpose()));
            }
            if is_wanted(1) {
                let product = input
                    .clone()
                    .narrow(0, start, len)
                    .transpose()
                    .matmul(grad_logits);
                grad_weight = Some(added(grad_weight, product.cast(FloatDType::F32)));
            }
        }
        let mut gradients = [
            (!grad_input.is_empty()).then(|| Tensor::cat(grad_input, 0).into_dispatch()),
            grad_weight.map(|sum| sum.cast(weight.dtype()).into_dispatch()),
            grad_bias
                .zip(bias.as_ref())
                .map(|(sum, bias)| sum.squeeze_dim::<1>(0).cast(bias.dtype()).into_dispatch()),
        ]
        .into_iter();
        std::array::from_fn(|_| gradients.next().flatten())
    }
}

fn added(sum: Option<Tensor<2>>, term: Tensor<2>) -> Tensor<2> {
    match sum {
        Some(sum) => sum + term,
        None => term,
    }
}
