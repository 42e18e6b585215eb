//! VGG's 3x3 convolutions, its batch normalisation with a ReLU and its poolings beside Burn's, on
//! one and on all cores: a forward pass, and one with the gradients of all inputs and weights.
//!
//! usage: `cargo bench -p burn-fused --bench convolution -- [--rounds N] [--without-plain]
//! [--cpu-time]`, as those of the bench `causal_attention`.
//!
//! Layers are those of the network of an eighth of the width, which the demo's encoder is, for 16
//! pictures of 112 pixels, and upper ones of the whole width for a picture of 224, which are
//! trained along with a captioner. Operations of a convolution are two for each product: of inputs
//! and weights forward, and two more products of that size backward. Of the others a pass over the
//! numbers counts as one operation a number, for want of a better count: what limits them is
//! memory.

use std::hint::black_box;

use burn::{
    nn::{
        BatchNorm, BatchNormConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{
        Device, Distribution, Tensor, activation::relu, module::max_pool2d, ops::MaxPoolOptions,
    },
};
use burn_fused::{batch_norm_relu, convolution, halving_max_pool};

mod common;
use common::Bench;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), String> {
    Bench::for_cores(|bench| {
        for (shape, outputs) in [
            ([16, 8, 112, 112], 8),
            ([16, 32, 28, 28], 32),
            ([16, 64, 7, 7], 64),
            ([1, 256, 56, 56], 256),
            ([1, 512, 14, 14], 512),
        ] {
            convolutions(bench, shape, outputs);
        }
        others(bench, [16, 8, 112, 112]);
        others(bench, [16, 64, 14, 14]);
    })
}

fn random(shape: [usize; 4]) -> Tensor<4> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

fn convolutions(bench: &Bench, shape: [usize; 4], outputs: usize) {
    let [batch, channels, height, width] = shape;
    let layer = |device: &Device| -> Conv2d {
        Conv2dConfig::new([channels, outputs], [3, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .init(device)
    };
    let gflop = 18.0 * (batch * channels * outputs * height * width) as f64 / 1e9;
    let (plain, x) = (layer(&Device::flex()), random(shape));
    bench.row(
        &format!("convolution, {shape:?} to {outputs} | forward"),
        gflop,
        || drop(black_box(convolution(&plain, x.clone()).into_data())),
        || drop(black_box(plain.forward(x.clone()).into_data())),
    );
    let learning = layer(&Device::flex().autodiff());
    let x = x.autodiff().require_grad();
    let upstream = random([batch, outputs, height, width]).autodiff();
    let backward = |map: Tensor<4>| drop(black_box((map * upstream.clone()).sum().backward()));
    bench.row(
        &format!("convolution, {shape:?} to {outputs} | forward and backward"),
        3.0 * gflop,
        || backward(convolution(&learning, x.clone())),
        || backward(learning.forward(x.clone())),
    );
}

fn others(bench: &Bench, shape: [usize; 4]) {
    let norm: BatchNorm = BatchNormConfig::new(shape[1]).init(&Device::flex().autodiff());
    let passes = shape.iter().product::<usize>() as f64 / 1e9;
    let x = random(shape).autodiff().require_grad();
    let upstream = random(shape).autodiff();
    let backward = |map: Tensor<4>| drop(black_box((map * upstream.clone()).sum().backward()));
    bench.row(
        &format!("batch norm and ReLU, {shape:?} | forward and backward"),
        4.0 * passes,
        || backward(batch_norm_relu(&norm, x.clone())),
        || backward(relu(norm.forward(x.clone()))),
    );
    let upstream = upstream.slice([0..shape[0], 0..shape[1], 0..shape[2] / 2, 0..shape[3] / 2]);
    let backward = |map: Tensor<4>| drop(black_box((map * upstream.clone()).sum().backward()));
    let burns = |x| max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2]));
    bench.row(
        &format!("halving, {shape:?} | forward and backward"),
        2.0 * passes,
        || backward(halving_max_pool(x.clone())),
        || backward(burns(x.clone())),
    );
}
