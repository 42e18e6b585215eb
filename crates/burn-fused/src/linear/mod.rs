#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

use burn::{nn::Linear, tensor::Tensor};

/// A linear layer, `x W + b`, over the last dimension: `layer.forward(x)`.
///
/// On the CPU it is one node of the autodiff graph, and a row's result does not depend on the other
/// rows, to the last bit: a batch of one gives what a batch of a thousand gives.
///
/// # Panics
///
/// Panics if the last dimension of `x` is not the layer's.
pub fn linear<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::linear(layer, &x) {
        return output;
    }
    layer.forward(x)
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::drawn;
    use burn::{
        nn::LinearConfig,
        tensor::{Device, Distribution},
    };

    /// The output and the gradients of the input, the weight and the bias.
    fn outcome(way: fn(&Linear, Tensor<3>) -> Tensor<3>, bias: bool) -> Vec<Vec<f32>> {
        let device = Device::flex().autodiff();
        device.seed(3);
        let layer = drawn(LinearConfig::new(70, 33).with_bias(bias).init(&device));
        let random = |shape| Tensor::<3>::random(shape, Distribution::Default, &device).detach();
        // Not in the order of storage.
        let x = random([4, 50, 70]).swap_dims(0, 1).require_grad();
        let output = way(&layer, x.clone());
        let gradients = (output.clone() * random([50, 4, 33])).sum().backward();
        let mut all = vec![
            output.into_data(),
            x.grad(&gradients).unwrap().into_data(),
            layer.weight.grad(&gradients).unwrap().into_data(),
        ];
        all.extend(
            layer
                .bias
                .map(|bias| bias.grad(&gradients).unwrap().into_data()),
        );
        all.into_iter()
            .map(|data| data.try_into_vec().unwrap())
            .collect()
    }

    #[test]
    fn agrees_with_burn() {
        for bias in [false, true] {
            let ours = outcome(linear, bias);
            let expected = outcome(|layer, x| layer.forward(x), bias);
            assert_eq!(ours.len(), expected.len());
            for (ours, expected) in ours.iter().flatten().zip(expected.iter().flatten()) {
                let error = (ours - expected).abs();
                assert!(error < 1e-4 * expected.abs().max(1.0), "{ours} {expected}");
            }
        }
    }

    /// Nothing in, nothing out, and a layer of one column.
    #[test]
    fn the_smallest_are_as_burn_s() {
        let device = Device::flex();
        let layer = LinearConfig::new(3, 1).init(&device);
        for rows in [0, 1, 7] {
            let x = Tensor::<2>::ones([rows, 3], &device);
            let (ours, expected) = (linear(&layer, x.clone()), layer.forward(x));
            ours.into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Default::default());
        }
    }
}
