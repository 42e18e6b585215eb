//! The word layer with its loss for any device: logits are there for a chunk of the positions at a time, and computed once more
//! for the gradients.

use burn::{
    backend::{Autodiff, Backend, DispatchKindConversion, DispatchTensor},
    nn::Linear,
    tensor::{FloatDType, Int, Tensor},
};

use super::WordLoss;
use crate::graph::{Function, node, record};

/// Logits that are there at a time, if one position does not have more: 256 MiB in `f32`.
#[cfg(feature = "kernels")]
const LOGITS: usize = 64 << 20;

/// `None` if the tensors do not lie on backend `B`, or the graph is one that is computed twice.
#[cfg(feature = "kernels")]
pub(super) fn word_loss<B>(
    deep: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
) -> Option<WordLoss>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    let [_, num_words] = layer.weight.dims();
    in_chunks::<B>(deep, layer, targets, smoothing, LOGITS / num_words.max(1))
}

/// The same with the positions of a chunk given.
pub(super) fn in_chunks<B>(
    deep: &Tensor<2>,
    layer: &Linear,
    targets: &Tensor<1, Int>,
    smoothing: f64,
    chunk: usize,
) -> Option<WordLoss>
where
    B: Backend,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Autodiff<B>>,
{
    if deep.dims().contains(&0) || layer.weight.dims().contains(&0) {
        return None;
    }
    let words = Words {
        deep: deep.clone().inner(),
        weight: layer.weight.val().inner(),
        bias: layer.bias.as_ref().map(|bias| bias.val().inner()),
        targets: targets.clone().inner(),
        smoothing,
        chunk: chunk.max(1),
    };
    let (loss, nll, normaliser) = words.losses();
    if !(deep.is_autodiff() || layer.weight.is_autodiff()) {
        return Some(WordLoss { loss, nll });
    }
    let parents = [
        node::<B, 2>(deep.clone())?,
        node::<B, 2>(layer.weight.val())?,
    ];
    let costs = WordCosts { words, normaliser };
    let loss = match &layer.bias {
        Some(bias) => {
            let [deep, weight] = parents;
            record::<B, _, 1, 3>(costs, [deep, weight, node::<B, 1>(bias.val())?], loss)?
        }
        None => record::<B, _, 1, 2>(costs, parents, loss)?,
    };
    let nll = Tensor::from_inner(nll);
    Some(WordLoss { loss, nll })
}

/// What goes in, without gradients.
#[derive(Clone, Debug)]
struct Words {
    deep: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    targets: Tensor<1, Int>,
    smoothing: f64,
    /// Positions at a time.
    chunk: usize,
}

impl Words {
    fn chunks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let ([positions, _], chunk) = (self.deep.dims(), self.chunk);
        (0..positions)
            .step_by(chunk)
            .map(move |start| (start, chunk.min(positions - start)))
    }

    /// `[len, num_words]`, in `f32`: a normaliser sums thousands of them.
    fn logits(&self, start: usize, len: usize) -> Tensor<2> {
        let deep = self.deep.clone().narrow(0, start, len);
        let logits = deep.matmul(self.weight.clone());
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

    /// Losses, negative log-likelihoods and log-sum-exps, `[positions]` each.
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

    /// The gradient of a chunk's logits, where each position's loss weighs `weights`, `[len, 1]`.
    fn of_logits(
        &self,
        (start, len): (usize, usize),
        normaliser: Tensor<2>,
        weights: Tensor<2>,
    ) -> Tensor<2> {
        let [_, num_words] = self.weight.dims();
        let probabilities = (self.logits(start, len) - normaliser).exp();
        let device = self.targets.device();
        let words = Tensor::<1, Int>::arange(0..num_words as i64, &device).unsqueeze::<2>();
        let is_target = self.targets(start, len).equal(words).float();
        let even = self.smoothing / num_words as f64;
        (probabilities - is_target.mul_scalar(1.0 - self.smoothing)).sub_scalar(even) * weights
    }
}

/// What the backward pass needs: logits are computed again and need no other sum.
#[derive(Clone, Debug)]
struct WordCosts {
    words: Words,
    normaliser: Tensor<1>,
}

impl<const N: usize> Function<1, N> for WordCosts {
    fn gradients(self, upstream: Tensor<1>, wanted: [bool; N]) -> [Option<DispatchTensor>; N] {
        let Words {
            deep, weight, bias, ..
        } = &self.words;
        let is_wanted = |parent: usize| wanted.get(parent).copied().unwrap_or(false);
        let mut of_deep = Vec::new();
        let (mut of_weight, mut of_bias) = (None::<Tensor<2>>, None::<Tensor<2>>);
        for (start, len) in self.words.chunks() {
            let of_chunk =
                |values: &Tensor<1>| values.clone().narrow(0, start, len).unsqueeze_dim(1);
            let logits = self.words.of_logits(
                (start, len),
                of_chunk(&self.normaliser),
                of_chunk(&upstream),
            );
            if is_wanted(2) {
                let sum = logits.clone().sum_dim(0);
                of_bias = Some(added(of_bias, sum));
            }
            let logits = logits.cast(weight.dtype());
            if is_wanted(0) {
                of_deep.push(logits.clone().matmul(weight.clone().transpose()));
            }
            if is_wanted(1) {
                let product = deep
                    .clone()
                    .narrow(0, start, len)
                    .transpose()
                    .matmul(logits);
                of_weight = Some(added(of_weight, product.cast(FloatDType::F32)));
            }
        }
        let mut gradients = [
            (!of_deep.is_empty()).then(|| Tensor::cat(of_deep, 0).into_dispatch()),
            of_weight.map(|sum| sum.cast(weight.dtype()).into_dispatch()),
            of_bias
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
