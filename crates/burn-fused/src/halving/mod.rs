#[cfg(feature = "flex")]
mod cpu;

use burn::tensor::{Tensor, module::max_pool2d, ops::MaxPoolOptions};

/// The largest of each 2x2 neighbours: max pooling that halves height and width, which learns
/// faster on the CPU than Burn's, whose loops are for any window. An odd last row or column is left
/// out.
///
/// # Shapes
///
/// - `x`: `[batch, channels, height, width]`
/// - returned: `[batch, channels, height / 2, width / 2]`, rounded down
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let map = Tensor::<4>::from_floats([[[[1.0, 2.0], [4.0, 3.0]]]], &Device::flex());
/// assert_eq!(burn_fused::halving_max_pool(map).into_scalar::<f32>(), 4.0);
/// ```
#[must_use]
pub fn halving_max_pool(x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::halving_max_pool(&x) {
        return output;
    }
    plain(x)
}

/// The same by Burn's operation, for any device.
fn plain(x: Tensor<4>) -> Tensor<4> {
    max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2]))
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::seeded;
    use burn::tensor::{Device, Distribution};

    /// The output, and the gradient of a sum that weighs it at random; many of the inputs are
    /// equal.
    fn outcome(way: fn(Tensor<4>) -> Tensor<4>, shape: [usize; 4]) -> [Vec<f32>; 2] {
        let device = Device::flex().autodiff();
        let _drawing = seeded(&device, 7);
        let normal = Distribution::Normal(0.0, 2.0);
        let x = Tensor::<4>::random(shape, normal, &device)
            .round()
            .require_grad();
        let output = way(x.clone());
        let upstream = Tensor::<4>::random(output.dims(), normal, &device);
        let gradients = (output.clone() * upstream).sum().backward();
        [output, x.grad(&gradients).unwrap()]
            .map(|tensor| tensor.into_data().try_into_vec().unwrap())
    }

    #[test]
    fn agrees_with_burn() {
        for shape in [[1, 1, 2, 2], [2, 3, 8, 6], [3, 2, 7, 9], [1, 5, 3, 2]] {
            assert_eq!(
                outcome(halving_max_pool, shape),
                outcome(plain, shape),
                "{shape:?}"
            );
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let x = [[[[1.0, f32::NAN], [2.0, 3.0]]]];
        let pooled = halving_max_pool(Tensor::from_floats(x, &Device::flex()));
        assert!(pooled.into_scalar::<f32>().is_nan());
    }
}
