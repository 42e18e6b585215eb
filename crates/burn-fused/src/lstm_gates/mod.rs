#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "kernels")]
mod cube;
#[cfg(feature = "kernels")]
mod kernel;
#[cfg(feature = "flex")]
mod simd;

use burn::tensor::{Tensor, activation};

/// The gates of an LSTM: from their pre-activations and the old cell state to the new hidden and
/// cell state.
///
/// `i, f, o = σ(·)`, `g = tanh(·)`; `c' = f c + i g`; `h' = o tanh(c')`. On the CPU and on GPUs all
/// of it is one node of the autodiff graph.
///
/// # Shapes
///
/// - `pre_activations`: `[batch, 4 * d_hidden]`, `x Wₓ + h Wₕ + b`, in the order input, forget,
///   candidate, output
/// - `cell`: `[batch, d_hidden]`
/// - returned: hidden and cell state, `[batch, d_hidden]` each
///
/// # Panics
///
/// Panics if the shapes do not fit.
#[must_use]
pub fn lstm_gates(pre_activations: Tensor<2>, cell: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let [batch, n] = cell.dims();
    assert_eq!(
        pre_activations.dims(),
        [batch, 4 * n],
        "four gates for each cell"
    );
    #[cfg(feature = "flex")]
    if let Some(state) = cpu::lstm_gates(&pre_activations, &cell) {
        return state;
    }
    #[cfg(feature = "kernels")]
    if let Some(state) = cube::lstm_gates(&pre_activations, &cell) {
        return state;
    }
    plain(pre_activations, cell)
}

/// The same in plain tensor operations, for any device.
fn plain(pre_activations: Tensor<2>, cell: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let [input, forget, candidate, output]: [Tensor<2>; 4] = pre_activations
        .chunk(4, 1)
        .try_into()
        .expect("4 * d_hidden columns make four chunks");
    let cell = activation::sigmoid(forget) * cell + activation::sigmoid(input) * candidate.tanh();
    (activation::sigmoid(output) * cell.clone().tanh(), cell)
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::seeded;
    use burn::tensor::{Device, Distribution};

    type Way = fn(Tensor<2>, Tensor<2>) -> (Tensor<2>, Tensor<2>);

    fn outcome(way: Way, device: &Device, batch: usize, n: usize) -> [Vec<f32>; 4] {
        let (flex, device) = (Device::flex().autodiff(), device.clone().autodiff());
        let _drawing = seeded(&flex, 5);
        let random = |shape| {
            let numbers = Tensor::<2>::random(shape, Distribution::Normal(0.0, 2.0), &flex);
            numbers.detach().to_device(&device)
        };
        let pre_activations = random([batch, 4 * n]).require_grad();
        let cell = random([batch, n]).require_grad();
        let (hidden, new) = way(pre_activations.clone(), cell.clone());
        let sum =
            (hidden.clone() * random([batch, n])).sum() + (new.clone() * random([batch, n])).sum();
        let gradients = sum.backward();
        let gradient = |of: Tensor<2>| of.grad(&gradients).unwrap();
        [hidden, new, gradient(pre_activations), gradient(cell)]
            .map(|tensor| tensor.into_data().try_into_vec().unwrap())
    }

    /// One number, odd sizes, and more rows than are computed together.
    fn check(device: &Device) {
        for (batch, n) in [(1, 1), (3, 5), (35, 16), (17, 33)] {
            let ours = outcome(lstm_gates, device, batch, n);
            let expected = outcome(plain, &Device::flex(), batch, n);
            for (ours, expected) in ours.iter().zip(expected) {
                assert_eq!(ours.len(), expected.len());
                for (a, b) in ours.iter().zip(expected) {
                    assert!(
                        (a - b).abs() < 2e-6 * b.abs().max(1.0),
                        "{batch} x {n}: {a} {b}"
                    );
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

    /// Sums of zero open all gates by half and offer tanh 0 = 0: a cell of 2 becomes 1, and hidden
    /// is tanh(1) / 2.
    #[test]
    fn half_open_gates() {
        let device = Device::flex();
        let cell = Tensor::from_floats([[2.0]], &device);
        let (hidden, cell) = lstm_gates(Tensor::zeros([1, 4], &device), cell);
        assert!((cell.into_scalar::<f32>() - 1.0).abs() < 1e-6);
        assert!((hidden.into_scalar::<f32>() - 1f32.tanh() / 2.0).abs() < 1e-6);
    }
}
