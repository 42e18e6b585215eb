use burn::{
    nn::{
        PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Distribution, Tensor},
};

use super::convolution;
use crate::test_support::{assert_repeats, seeded};

type Way = fn(&Conv2d, Tensor<4>) -> Tensor<4>;

const BURNS: Way = |layer, x| layer.forward(x);

fn layer(channels: [usize; 2], bias: bool, device: &Device) -> Conv2d {
    let layer = Conv2dConfig::new(channels, [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(bias)
        .init(device);
    layer.weight.val(); // lazy ones would be drawn later
    if let Some(bias) = &layer.bias {
        bias.val();
    }
    layer
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("it is f32")
}

/// The output, and the gradients of input, weights and bias of a sum that weighs it at random.
fn outcome(way: Way, shape: [usize; 4], outputs: usize, bias: bool) -> Vec<Vec<f32>> {
    let device = Device::flex().autodiff();
    let _drawing = seeded(&device, 5);
    let normal = Distribution::Normal(0.0, 1.0);
    let layer = layer([shape[1], outputs], bias, &device);
    let x = Tensor::<4>::random(shape, normal, &device).require_grad();
    // Numbers that do not lie in the order of storage.
    let map = way(&layer, x.clone().swap_dims(2, 3)).swap_dims(2, 3);
    let upstream = Tensor::<4>::random(map.dims(), normal, &device);
    let gradients = (map.clone() * upstream).sum().backward();
    let mut outcome = vec![
        values(map),
        values(x.grad(&gradients).expect("it was asked for")),
        values(layer.weight.grad(&gradients).expect("it learns")),
    ];
    if let Some(bias) = &layer.bias {
        outcome.push(values(bias.grad(&gradients).expect("it learns")));
    }
    outcome
}

/// Pictures of one number; fewer and more channels than are summed up together; rows of less and
/// more than a vector, pictures of more than a strip, more locations than stay vectors.
#[test]
fn agrees_with_burn() {
    for (shape, outputs, bias) in [
        ([600, 1, 1, 1], 1, true),
        ([30, 3, 5, 4], 8, true),
        ([11, 9, 7, 7], 17, false),
        ([2, 5, 14, 33], 3, true),
        ([1, 2, 70, 50], 9, true),
        ([40, 4, 14, 14], 5, true),
    ] {
        let ours = outcome(convolution, shape, outputs, bias);
        let expected = outcome(BURNS, shape, outputs, bias);
        for (part, (ours, expected)) in ours.iter().zip(&expected).enumerate() {
            assert_eq!(ours.len(), expected.len());
            let largest = expected
                .iter()
                .fold(1.0_f32, |largest, value| largest.max(value.abs()));
            for (a, b) in ours.iter().zip(expected) {
                assert!(
                    (a - b).abs() < 2e-5 * largest,
                    "{shape:?}, part {part}: {a} {b}"
                );
            }
        }
    }
}

#[test]
fn repeats_whatever_the_number_of_threads() {
    assert_repeats(|| outcome(convolution, [5, 6, 30, 20], 10, true));
}

/// Other kernels, strides, paddings and groups are Burn's, and small maps.
#[test]
fn other_convolutions_are_burns() {
    let device = Device::flex();
    let _drawing = seeded(&device, 6);
    let x = Tensor::<4>::random([8, 3, 9, 8], Distribution::Default, &device);
    for config in [
        Conv2dConfig::new([3, 4], [1, 1]),
        Conv2dConfig::new([3, 4], [3, 3]),
        Conv2dConfig::new([3, 4], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)),
        Conv2dConfig::new([3, 3], [3, 3])
            .with_groups(3)
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)),
        Conv2dConfig::new([3, 4], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 0, 1, 2)),
    ] {
        let layer = config.init(&device);
        let expected = layer.forward(x.clone());
        assert_eq!(
            convolution(&layer, x.clone()).into_data(),
            expected.into_data()
        );
    }
    let (layer, small) = (layer([3, 4], true, &device), x.narrow(0, 0, 1));
    let expected = layer.forward(small.clone());
    assert_eq!(convolution(&layer, small).into_data(), expected.into_data());
}
