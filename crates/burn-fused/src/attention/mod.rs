#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "kernels")]
mod cube;
#[cfg(feature = "kernels")]
mod kernel;
#[cfg(feature = "flex")]
mod simd;

use burn::{
    nn::Linear,
    tensor::{FloatDType, Tensor, activation},
};

/// Additive attention (Bahdanau, Cho and Bengio 2015; over the locations of a picture Xu et al.,
/// "Show, Attend and Tell", 2015, equations 4, 5 and 13): scores each location, and averages the
/// annotations by the softmax of the scores.
///
/// `e_i = w_v · tanh(keys_i + query) + b_v`, `α = softmax(e)`, `context = Σ α_i annotations_i`. On
/// the CPU and on GPUs this is one node of the autodiff graph that stores no `tanh`: the backward
/// pass computes it again.
///
/// # Shapes
///
/// - `keys`: `[batch, locations, d_attention]`, the projected annotations, `W_a a_i + b_a`
/// - `query`: `[batch, d_attention]`, the projected state, `W_u h`
/// - `score`: `d_attention` to 1, `w_v` and `b_v`
/// - `annotations`: `[batch, locations, d_annotation]`
/// - returned: the context vector `[batch, d_annotation]` and the weights `[batch, locations]`
///
/// # Panics
///
/// Panics if the shapes do not fit.
#[must_use]
pub fn additive_attention(
    keys: Tensor<3>,
    query: Tensor<2>,
    score: &Linear,
    annotations: Tensor<3>,
) -> (Tensor<2>, Tensor<2>) {
    let ([batch, locations, k], [_, _, d]) = (keys.dims(), annotations.dims());
    assert_eq!(query.dims(), [batch, k], "a query for each of the batch");
    assert_eq!(score.weight.dims(), [k, 1], "a score for each key");
    let expected = [batch, locations, d];
    assert_eq!(annotations.dims(), expected, "an annotation for each key");
    #[cfg(feature = "flex")]
    if let Some(attended) = cpu::additive_attention(&keys, &query, score, &annotations) {
        return attended;
    }
    #[cfg(feature = "kernels")]
    if let Some(attended) = cube::additive_attention(&keys, &query, score, &annotations) {
        return attended;
    }
    plain(keys, query, score, annotations)
}

/// The same in plain tensor operations, for any device.
fn plain(
    keys: Tensor<3>,
    query: Tensor<2>,
    score: &Linear,
    annotations: Tensor<3>,
) -> (Tensor<2>, Tensor<2>) {
    let scores = score.forward((keys + query.unsqueeze_dim(1)).tanh()); // [batch, locations, 1]
    let scores = scores.squeeze_dim::<2>(2).cast(FloatDType::F32); // sums of many small numbers
    let weights = activation::softmax(scores, 1);
    let mean = weights
        .clone()
        .cast(annotations.dtype())
        .unsqueeze_dim::<3>(1)
        .matmul(annotations)
        .squeeze_dim::<2>(1);
    (mean, weights)
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::{drawn, seeded};
    use burn::{
        module::Module,
        nn::LinearConfig,
        tensor::{Device, Distribution},
    };

    type Way = fn(Tensor<3>, Tensor<2>, &Linear, Tensor<3>) -> (Tensor<2>, Tensor<2>);

    /// Both outputs and the gradients of all inputs of a sum that weighs them at random.
    fn outcome(
        way: Way,
        device: &Device,
        [batch, locations, k, d]: [usize; 4],
        bias: bool,
    ) -> Vec<Vec<f32>> {
        let (flex, device) = (Device::flex().autodiff(), device.clone().autodiff());
        let _drawing = seeded(&flex, 3);
        let normal = Distribution::Normal(0.0, 1.5);
        let score = LinearConfig::new(k, 1).with_bias(bias).init(&flex);
        let score = drawn(score).fork(&device);
        let keys = Tensor::<3>::random([batch, locations, k], normal, &flex);
        let query = Tensor::<2>::random([batch, k], normal, &flex);
        let annotations = Tensor::<3>::random([batch, locations, d], normal, &flex);
        let [keys, annotations] =
            [keys, annotations].map(|tensor| tensor.detach().to_device(&device).require_grad());
        let query = query.detach().to_device(&device).require_grad();
        let (mean, weights) = way(keys.clone(), query.clone(), &score, annotations.clone());
        let random = |shape| Tensor::<2>::random(shape, normal, &flex).to_device(&device);
        let sum = (mean.clone() * random([batch, d])).sum()
            + (weights.clone() * random([batch, locations])).sum();
        let gradients = sum.backward();
        let mut outcome = vec![values(mean), values(weights)];
        outcome.push(values(keys.grad(&gradients).unwrap()));
        outcome.push(values(query.grad(&gradients).unwrap()));
        outcome.push(values(annotations.grad(&gradients).unwrap()));
        outcome.push(values(score.weight.grad(&gradients).unwrap()));
        outcome.extend(
            score
                .bias
                .map(|bias| values(bias.grad(&gradients).unwrap())),
        );
        outcome
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    /// One of everything, odd sizes, and sizes of whole vectors.
    fn check(device: &Device) {
        for sizes in [
            [1, 1, 1, 1],
            [2, 5, 7, 3],
            [3, 20, 32, 140],
            [5, 17, 33, 128],
        ] {
            for bias in [true, false] {
                let ours = outcome(additive_attention, device, sizes, bias);
                let expected = outcome(plain, &Device::flex(), sizes, bias);
                for (what, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
                    assert_eq!(ours.len(), expected.len());
                    let size = expected.iter().fold(1f32, |size, v| size.max(v.abs()));
                    for (a, b) in ours.iter().zip(expected) {
                        assert!((a - b).abs() < 1e-5 * size, "{what} of {sizes:?}: {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn agrees_with_plain_operations() {
        check(&Device::flex());
    }

    #[cfg(any(feature = "cuda", feature = "wgpu"))]
    #[test]
    #[ignore = "needs a GPU"]
    fn kernels_agree_with_plain_operations_on_a_gpu() {
        check(&crate::test_support::gpu());
    }

    /// Without a graph the outputs are the same.
    #[test]
    fn agrees_without_gradients() {
        let device = Device::flex();
        let _drawing = seeded(&device, 4);
        let score = LinearConfig::new(6, 1).init(&device);
        let random = |shape| Tensor::<3>::random(shape, Distribution::Default, &device);
        let (keys, annotations) = (random([2, 9, 6]), random([2, 9, 4]));
        let query = random([1, 2, 6]).squeeze_dim::<2>(0);
        let (mean, weights) =
            additive_attention(keys.clone(), query.clone(), &score, annotations.clone());
        let expected = plain(keys, query, &score, annotations);
        for (ours, expected) in [(mean, expected.0), (weights, expected.1)] {
            for (a, b) in values(ours).iter().zip(values(expected)) {
                assert!((a - b).abs() < 1e-6);
            }
        }
    }
}
