#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

use burn::{nn::Linear, tensor::Tensor};

/// A linear layer, `x W + b`, over the last dimension, whose rows do not depend on each other:
/// `layer.forward(x)`.
///
/// It is no faster than Burn's layer. What it is for is a promise: on the CPU, without gradients, a
/// row's result is the same to the last bit whatever rows are beside it, so that a model writes the
/// same in a batch of one as in a batch of a thousand. Burn's product of matrices chooses its order
/// of summation by their shapes: a single row of more than 512 numbers, and a layer of one column,
/// come out differently in the last bits (burn-flex 0.22). With gradients, and on other devices, it
/// is Burn's.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::{Device, Distribution, Tensor}};
///
/// let device = Device::flex();
/// let layer = LinearConfig::new(4096, 256).init(&device);
/// let rows = Tensor::<2>::random([9, 4096], Distribution::Default, &device);
/// let together = burn_fused::linear(&layer, rows.clone()).narrow(0, 8, 1);
/// let alone = burn_fused::linear(&layer, rows.narrow(0, 8, 1));
/// assert_eq!(together.into_data(), alone.into_data());
/// ```
///
/// # Panics
///
/// Panics if the last dimension of `x` is not the layer's.
#[must_use]
pub fn linear<const D: usize>(layer: &Linear, x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::linear(layer, &x) {
        return output;
    }
    // As one product: Burn's gradient of a batch of matrices is a batch of products, and their sum.
    let mut dims = x.dims();
    let rows: usize = dims[..D - 1].iter().product();
    if D <= 2 || rows == 0 {
        return layer.forward(x);
    }
    let output = layer.forward(x.reshape([rows, dims[D - 1]]));
    dims[D - 1] = output.dims()[1];
    output.reshape(dims)
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::test_support::{drawn, seeded};
    use burn::{
        nn::LinearConfig,
        tensor::{Device, Distribution},
    };

    /// Nothing in and nothing out; layers of one column and of more than a panel, with a bias and
    /// without; rows that do not lie in the order of storage.
    #[test]
    fn agrees_with_burn() {
        let device = Device::flex();
        let _drawing = seeded(&device, 3);
        for (rows, [d_input, d_output], bias) in [
            (0, [3, 1], true),
            (7, [3, 1], true),
            (1, [600, 1], false),
            (200, [70, 33], false),
            (200, [70, 133], true),
        ] {
            let config = LinearConfig::new(d_input, d_output).with_bias(bias);
            let layer = drawn(config.init(&device));
            let x = Tensor::<3>::random([d_input, rows, 2], Distribution::Default, &device);
            let x = x.swap_dims(0, 2);
            let (ours, expected) = (linear(&layer, x.clone()), layer.forward(x));
            ours.into_data()
                .assert_approx_eq::<f32>(&expected.into_data(), Default::default());
        }
    }

    /// Rows alone and beside up to 300 others, of layers of which Burn's product gives other bits.
    #[test]
    fn rows_do_not_depend_on_each_other() {
        let device = Device::flex();
        let _drawing = seeded(&device, 4);
        for [d_input, d_output] in [[512, 1], [768, 1024], [4096, 256], [4096, 40]] {
            let layer = drawn(LinearConfig::new(d_input, d_output).init(&device));
            let random = Distribution::Normal(0.0, 1.0);
            let x = Tensor::<2>::random([300, d_input], random, &device);
            let bits = |count: usize| {
                let output = linear(&layer, x.clone().narrow(0, 0, count)).into_data();
                let output = output.try_into_vec::<f32>().unwrap();
                output.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            };
            let all = bits(300);
            for count in [1, 2, 5, 64, 65, 257] {
                assert!(bits(count) == all[..count * d_output], "{count} rows");
            }
        }
    }

    /// Gradients are Burn's.
    #[test]
    fn with_gradients_it_is_burns() {
        let device = Device::flex().autodiff();
        let _drawing = seeded(&device, 5);
        let layer = drawn(LinearConfig::new(5, 4).init(&device));
        let x = Tensor::<2>::random([3, 5], Distribution::Default, &device).require_grad();
        let gradients = [linear(&layer, x.clone()), layer.forward(x.clone())].map(|output| {
            let gradients = output.square().sum().backward();
            let weight = layer.weight.grad(&gradients).unwrap();
            [weight.into_data(), x.grad(&gradients).unwrap().into_data()]
        });
        assert_eq!(gradients[0], gradients[1]);
    }
}
