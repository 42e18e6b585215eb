use burn::{
    backend::Flex,
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Distribution, FloatDType, Int, Tensor},
};

use crate::test_support::{drawn, seeded};

use super::{chunked, linear_cross_entropy, loss::CrossEntropy, plain::cross_entropy as plain};

/// Loss, likelihood and all three gradients of one of the two ways.
struct Outcome(Vec<Vec<f32>>);

type Way = fn(Tensor<2>, &Linear, Tensor<1, Int>, f64) -> CrossEntropy;

struct Case {
    d: usize,
    num_classes: usize,
    rows: usize,
    smoothing: f64,
    bias: bool,
    /// Another factor for each row before the sum, 0 for every third.
    uneven: bool,
}

impl Case {
    fn run(&self, way: Way) -> Outcome {
        self.run_on(way, &Device::flex())
    }

    fn run_on(&self, way: Way, device: &Device) -> Outcome {
        let (flex, device) = (Device::flex().autodiff(), device.clone().autodiff());
        let _drawing = seeded(&flex, 7);
        let layer = LinearConfig::new(self.d, self.num_classes)
            .with_bias(self.bias)
            .init(&flex);
        let layer = drawn(layer).fork(&device);
        let normal = Distribution::Normal(0.0, 2.0);
        let input = Tensor::<2>::random([self.rows, self.d], normal, &flex);
        let input = input.detach().to_device(&device).require_grad();
        let targets: Vec<i64> = (0..self.rows)
            .map(|i| i64::try_from(i * 31 % self.num_classes).unwrap())
            .collect();
        let targets = Tensor::from_ints(&targets[..], &device);
        let losses = way(input.clone(), &layer, targets, self.smoothing);
        let factors = Tensor::<1>::random([self.rows], Distribution::Default, &flex);
        let counted: Vec<f32> = (0..self.rows).map(|i| f32::from(i % 3 != 2)).collect();
        let factors = factors.to_device(&device) * Tensor::from_floats(&counted[..], &device);
        let sum = match self.uneven {
            true => (losses.loss.clone() * factors).sum(),
            false => losses.loss.clone().sum().div_scalar(3.0),
        };
        let gradients = sum.backward();
        let mut outcome = vec![values(losses.loss), values(losses.nll)];
        outcome.push(values(input.grad(&gradients).unwrap()));
        outcome.push(values(layer.weight.grad(&gradients).unwrap()));
        outcome.extend(
            layer
                .bias
                .map(|bias| values(bias.grad(&gradients).unwrap())),
        );
        Outcome(outcome)
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// The chunked way in chunks of seven.
fn by_sevens(
    input: Tensor<2>,
    layer: &Linear,
    targets: Tensor<1, Int>,
    smoothing: f64,
) -> CrossEntropy {
    chunked::in_chunks::<Flex>(&input, layer, &targets, smoothing, 7).unwrap()
}

/// Products in bfloat16.
fn lowered(way: Way, input: Tensor<2>, layer: &Linear, targets: Tensor<1, Int>) -> CrossEntropy {
    let mut layer = layer.clone();
    layer.weight = layer.weight.map(|weight| weight.cast(FloatDType::BF16));
    layer.bias = layer
        .bias
        .map(|bias| bias.map(|bias| bias.cast(FloatDType::BF16)));
    way(input.cast(FloatDType::BF16), &layer, targets, 0.1)
}

/// Logits are rounded alike; whatever is summed after that is summed in f32, and gradients come
/// back in bfloat16.
#[test]
fn chunks_in_bfloat16_agree_with_plain_operations() {
    let case = Case {
        d: 16,
        num_classes: 3000,
        rows: 20,
        smoothing: 0.1,
        bias: true,
        uneven: true,
    };
    let ours = case.run(|input, layer, targets, _| lowered(by_sevens, input, layer, targets));
    let expected = case.run(|input, layer, targets, _| lowered(plain, input, layer, targets));
    for (what, (ours, expected)) in ours.0.iter().zip(&expected.0).enumerate() {
        let tolerance = if what < 2 { 1e-5 } else { 2e-2 };
        let size = expected.iter().fold(0f32, |size, v| size.max(v.abs()));
        for (a, b) in ours.iter().zip(expected) {
            assert!((a - b).abs() < tolerance * size, "{what}: {a} {b}");
        }
    }
}

#[test]
fn agrees_with_plain_operations() {
    check(linear_cross_entropy, &Device::flex());
}

#[test]
fn chunks_agree_with_plain_operations() {
    check(by_sevens, &Device::flex());
}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
#[test]
#[ignore = "needs a GPU"]
fn chunks_agree_with_plain_operations_on_a_gpu() {
    check(linear_cross_entropy, &crate::test_support::gpu());
}

/// Odd sizes: one row, fewer classes than a panel, of whole blocks, of blocks and a rest; chunks
/// and a rest.
fn check(way: Way, device: &Device) {
    for (d, num_classes, rows) in [(1, 2, 1), (7, 31, 5), (40, 512, 20), (33, 700, 300)] {
        for (smoothing, bias, uneven) in
            [(0.0, true, false), (0.1, true, true), (0.1, false, false)]
        {
            let case = Case {
                d,
                num_classes,
                rows,
                smoothing,
                bias,
                uneven,
            };
            let (ours, expected) = (case.run_on(way, device), case.run(plain));
            for (what, (ours, expected)) in ours.0.iter().zip(&expected.0).enumerate() {
                assert_eq!(ours.len(), expected.len());
                let size = expected.iter().fold(1e-3f32, |size, v| size.max(v.abs()));
                for (a, b) in ours.iter().zip(expected) {
                    assert!(
                        (a - b).abs() < 2e-5 * size,
                        "{what} of {num_classes} classes: {a} {b}"
                    );
                }
            }
        }
    }
}

/// Logits 0 and ln 3 for two classes: their probabilities are 1/4 and 3/4, and a target of the
/// second losses ln 4/3.
#[test]
fn two_classes_by_hand() {
    let device = Device::flex();
    let mut layer = LinearConfig::new(1, 2).with_bias(false).init(&device);
    layer.weight = burn::module::Param::from_data([[0.0, 3f32.ln()]], &device);
    let targets = Tensor::from_ints([1], &device);
    let losses = linear_cross_entropy(Tensor::ones([1, 1], &device), &layer, targets, 0.0);
    assert!((values(losses.nll)[0] - (4f32 / 3.0).ln()).abs() < 1e-6);
}

/// A class whose bias is -inf has probability 0: it changes neither the loss of others nor makes it
/// NaN.
#[test]
fn masked_classes_cost_nothing() {
    let device = Device::flex().autodiff();
    let mut layer = LinearConfig::new(2, 300).init(&device);
    let mut bias = vec![f32::NEG_INFINITY; 300];
    bias[3] = 0.0;
    bias[299] = 0.0;
    layer.bias = Some(burn::module::Param::from_data(&bias[..], &device));
    let input = Tensor::zeros([1, 2], &device);
    let losses = linear_cross_entropy(input, &layer, Tensor::from_ints([3], &device), 0.0);
    assert!((values(losses.nll)[0] - 2f32.ln()).abs() < 1e-6);
    let gradients = losses.loss.sum().backward();
    let gradient = values(layer.bias.unwrap().grad(&gradients).unwrap());
    assert!((gradient[3] + 0.5).abs() < 1e-6 && (gradient[299] - 0.5).abs() < 1e-6);
    assert!(gradient.iter().all(|value| value.is_finite()));
}

/// Diverged weights must be seen in the loss.
#[test]
fn nan_is_not_hidden() {
    let device = Device::flex();
    let layer = LinearConfig::new(2, 40).init(&device);
    let input = Tensor::from_floats([[f32::NAN, 0.0]], &device);
    let losses = linear_cross_entropy(input, &layer, Tensor::from_ints([3], &device), 0.0);
    assert!(values(losses.loss)[0].is_nan());
}

/// The same twice, to the last bit, whatever the threads do.
#[test]
fn repeats_to_the_last_bit() {
    let case = Case {
        d: 16,
        num_classes: 5000,
        rows: 60,
        smoothing: 0.0,
        bias: true,
        uneven: false,
    };
    assert_eq!(
        case.run(linear_cross_entropy).0,
        case.run(linear_cross_entropy).0
    );
}
