#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

use burn::{
    nn::BatchNorm,
    tensor::{Tensor, activation::relu},
};

/// Batch normalisation and a ReLU, `relu(norm.forward(x))`, that learn faster on the CPU: two
/// passes over the numbers forward and two backward, in place of Burn's twenty or so.
///
/// As with Burn's layer, statistics are the batch's and the running ones go on where the layer
/// learns, and the running ones are used elsewhere.
///
/// # Shapes
///
/// - `x`: `[batch, channels, height, width]`
/// - returned: the same
///
/// # Panics
///
/// Panics if `x` has other channels than the layer takes.
///
/// ```
/// use burn::{nn::BatchNormConfig, tensor::{Device, Tensor}};
///
/// let device = Device::flex().autodiff();
/// let norm = BatchNormConfig::new(1).init(&device);
/// let x = Tensor::<4>::from_floats([[[[3.0, 5.0]]]], &device);
/// let output = burn_fused::batch_norm_relu(&norm, x).into_data().try_into_vec::<f32>().unwrap();
/// assert!(output[0] == 0.0 && (output[1] - 1.0).abs() < 1e-4);
/// ```
#[must_use]
pub fn batch_norm_relu(norm: &BatchNorm, x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::batch_norm_relu(norm, &x) {
        return output;
    }
    plain(norm, x)
}

/// The same by Burn's operations, for any device.
fn plain(norm: &BatchNorm, x: Tensor<4>) -> Tensor<4> {
    relu(norm.forward(x))
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::{assert_repeats, seeded};
    use burn::{
        module::{Module, Param},
        nn::BatchNormConfig,
        tensor::{Device, Distribution},
    };

    type Way = fn(&BatchNorm, Tensor<4>) -> Tensor<4>;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    fn norm(channels: usize, device: &Device) -> BatchNorm {
        let mut norm = BatchNormConfig::new(channels).init(device);
        let normal = Distribution::Normal(0.5, 1.0);
        norm.gamma = Param::from_tensor(Tensor::random([channels], normal, device));
        norm.beta = Param::from_tensor(Tensor::random([channels], normal, device));
        norm
    }

    /// Two steps' output, gradients of the input, γ and β, and running statistics.
    fn outcome(way: Way, shape: [usize; 4]) -> Vec<Vec<f32>> {
        let device = Device::flex().autodiff();
        let _drawing = seeded(&device, 8);
        let norm = norm(shape[1], &device);
        let normal = Distribution::Normal(1.0, 3.0);
        let mut outcome = Vec::new();
        for _ in 0..2 {
            let x = Tensor::<4>::random(shape, normal, &device).require_grad();
            let output = way(&norm, x.clone());
            let upstream = Tensor::<4>::random(shape, normal, &device);
            let gradients = (output.clone() * upstream).sum().backward();
            outcome.push(values(output));
            outcome.push(values(x.grad(&gradients).unwrap()));
            outcome.push(values(norm.gamma.grad(&gradients).unwrap()));
            outcome.push(values(norm.beta.grad(&gradients).unwrap()));
        }
        outcome.push(values(norm.running_mean.value_sync()));
        outcome.push(values(norm.running_var.value_sync()));
        outcome
    }

    #[test]
    fn agrees_with_burn() {
        for shape in [[2, 1, 1, 1], [3, 5, 4, 7], [2, 8, 20, 17], [16, 3, 5, 5]] {
            let (ours, expected) = (outcome(batch_norm_relu, shape), outcome(plain, shape));
            for (part, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
                let largest = expected
                    .iter()
                    .fold(1.0_f32, |largest, value| largest.max(value.abs()));
                assert_eq!(ours.len(), expected.len());
                for (a, b) in ours.iter().zip(expected) {
                    assert!(
                        (a - b).abs() < 1e-4 * largest,
                        "{shape:?}, part {part}: {a} {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn repeats_whatever_the_number_of_threads() {
        assert_repeats(|| outcome(batch_norm_relu, [5, 6, 30, 20]));
    }

    /// Where nothing is learnt the running statistics are used, and stay.
    #[test]
    fn without_learning_it_is_burns() {
        let device = Device::flex();
        let _drawing = seeded(&device, 9);
        let x = Tensor::<4>::random([2, 3, 4, 5], Distribution::Normal(1.0, 2.0), &device);
        let layer = norm(3, &device);
        let expected = plain(&layer, x.clone()).into_data();
        assert_eq!(batch_norm_relu(&layer, x.clone()).into_data(), expected);
        let frozen = norm(3, &device.clone().autodiff()).freeze();
        let x = x.autodiff();
        let expected = plain(&frozen, x.clone()).into_data();
        assert_eq!(batch_norm_relu(&frozen, x).into_data(), expected);
        assert_eq!(values(frozen.running_mean.value_sync()), [0.0; 3]);
    }
}
