//! Times the word layer's products, forward and backward, in f32, f16 and bf16: what training in
//! lower precision could gain on the CPU.
//!
//! ```sh
//! cargo run --release -p caption-model --example precision [ROUNDS]
//! ```

use std::time::Instant;

use burn::tensor::{Device, Distribution, FloatDType, Tensor};

/// Positions of a batch, size of the LSTM, words.
const SHAPE: [usize; 3] = [512, 256, 8_000];

fn main() {
    let rounds = std::env::args().nth(1).map_or(5, |rounds| {
        rounds.parse().expect("the argument is a number of rounds")
    });
    let device = Device::flex();
    let [positions, d, words] = SHAPE;
    let random = |shape: [usize; 2]| Tensor::<2>::random(shape, Distribution::Default, &device);
    let (deep, weight) = (random([positions, d]), random([d, words]));
    let kinds = [FloatDType::F32, FloatDType::F16, FloatDType::BF16];
    let mut times = vec![Vec::new(); kinds.len()];
    for _ in 0..rounds {
        for (kind, times) in kinds.iter().zip(&mut times) {
            let (deep, weight) = (deep.clone().cast(*kind), weight.clone().cast(*kind));
            let start = Instant::now();
            let logits = deep.clone().matmul(weight.clone());
            let of_deep = logits.clone().matmul(weight.transpose());
            let of_weight = deep.transpose().matmul(logits);
            let _ = (of_deep.into_data(), of_weight.into_data());
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for (kind, median) in kinds.iter().zip(&medians) {
        println!(
            "{kind:?}: {:.1} ms, {:.2} times f32",
            1e3 * median,
            median / medians[0]
        );
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
