//! The likelihood of copying beside plain tensor operations that do the same, on one and on all
//! cores: a forward pass, and one with the gradients of queries and keys.
//!
//! usage: `cargo bench -p burn-fused --bench copy_likelihood -- [--rounds N] [--without-plain]
//! [--cpu-time]`, as those of the bench `causal_attention`.
//!
//! Operations are those of the products over the pairs of a query and a key before it: one product
//! forward, three more backward.

use std::hint::black_box;

use burn::tensor::{Bool, Device, Distribution, Int, Tensor, TensorData, activation};
use burn_fused::{CopyLogLikelihood, NO_COPY, Relations, copy_log_likelihood};

mod common;
use common::Bench;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tokens are one of so many, so that about every second position has something to copy.
const TOKENS: usize = 1_500;

fn main() -> Result<(), String> {
    Bench::for_cores(|bench| {
        for sizes in [[4, 1024, 64], [8, 512, 64]] {
            likelihood(bench, sizes);
        }
    })
}

fn likelihood(bench: &Bench, sizes: [usize; 3]) {
    let [batch, length, d] = sizes;
    let device = Device::flex();
    device.seed(0);
    let random = || Tensor::<3>::random(sizes, Distribution::Normal(0.0, 1.0), &device);
    let (query, key) = (random(), random());
    let ids = |factor: usize| {
        let ids = (0..batch * length).map(|i| i * i * factor % TOKENS);
        let ids: Vec<i64> = ids.map(|id| i64::try_from(id).expect("small")).collect();
        Tensor::<2, Int>::from_data(TensorData::new(ids, [batch, length]), &device)
    };
    let (tokens, targets) = (ids(7), ids(11));
    let relations = Relations::causal(batch, length);
    // Burn's operations get the mask once, as a model would keep it.
    let hidden: Vec<bool> = (0..length * length)
        .map(|i| i % length >= i / length)
        .collect();
    let hidden =
        Tensor::<3, Bool>::from_data(TensorData::new(hidden, [1, length, length]), &device);
    let fused = |query: Tensor<3>, key: Tensor<3>| {
        copy_log_likelihood(query, key, tokens.clone(), targets.clone(), &relations)
    };
    let plain = |query, key| plain(query, key, tokens.clone(), targets.clone(), hidden.clone());

    let product = (batch * length * (length - 1) * d) as f64 / 1e9;
    let read =
        |copy: CopyLogLikelihood| drop(black_box([copy.target, copy.none].map(Tensor::into_data)));
    bench.row(
        &format!("{sizes:?} | forward"),
        product,
        || read(fused(query.clone(), key.clone())),
        || read(plain(query.clone(), key.clone())),
    );
    let [query, key] = [query, key].map(|tensor| tensor.autodiff().require_grad());
    let backward = |copy: CopyLogLikelihood| {
        drop(black_box((copy.target.sum() + copy.none.sum()).backward()));
    };
    bench.row(
        &format!("{sizes:?} | forward and backward"),
        4.0 * product,
        || backward(fused(query.clone(), key.clone())),
        || backward(plain(query.clone(), key.clone())),
    );
}

fn plain(
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    targets: Tensor<2, Int>,
    hidden: Tensor<3, Bool>,
) -> CopyLogLikelihood {
    let [batch, length, d] = query.dims();
    let square = [batch, length, length];
    let hidden = hidden.expand(square);
    let scores = query
        .div_scalar((d as f64).sqrt())
        .matmul(key.swap_dims(1, 2));
    let scores = scores.mask_fill(hidden.clone(), -1e30);
    let none = Tensor::zeros([batch, length, 1], &scores.device());
    let scores = activation::log_softmax(Tensor::cat(vec![none, scores], 2), 2);
    let none = scores.clone().narrow(2, 0, 1).squeeze_dim::<2>(2);
    let tokens = tokens.unsqueeze_dim::<3>(1).expand(square);
    let targets = targets.unsqueeze_dim::<3>(2).expand(square);
    let other = tokens.not_equal(targets).bool_or(hidden);
    let scores = scores.narrow(2, 1, length).mask_fill(other.clone(), -1e30);
    let largest = scores.clone().detach().max_dim(2);
    let target = (scores - largest.clone()).exp().sum_dim(2).log() + largest;
    let target = target.mask_fill(other.all_dim(2), NO_COPY);
    CopyLogLikelihood {
        target: target.squeeze_dim(2),
        none,
    }
}
