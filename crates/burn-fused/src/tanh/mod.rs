#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

use burn::tensor::Tensor;

/// The hyperbolic tangent of each number, `x.tanh()`, on the CPU in vectors and on all cores with
/// an absolute error under 2⁻²².
pub fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if let Some(output) = cpu::tanh(&x) {
        return output;
    }
    x.tanh()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    /// Values and gradients; more than a thread takes at a time and no whole vectors.
    #[test]
    fn agrees_with_burn() {
        let device = Device::flex().autodiff();
        let outcome = |way: fn(Tensor<2>) -> Tensor<2>| {
            device.seed(2);
            let random =
                || Tensor::<2>::random([99, 101], Distribution::Normal(0.0, 3.0), &device).detach();
            let x = random().swap_dims(0, 1).require_grad();
            let output = way(x.clone());
            let gradients = (output.clone() * random().swap_dims(0, 1)).sum().backward();
            [output, x.grad(&gradients).unwrap()]
                .map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap())
        };
        let (ours, expected) = (outcome(tanh), outcome(|x| x.tanh()));
        for (ours, expected) in ours.iter().flatten().zip(expected.iter().flatten()) {
            assert!((ours - expected).abs() < 4e-6, "{ours} {expected}");
        }
    }
}
