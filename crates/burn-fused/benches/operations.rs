//! Each operation beside the plain tensor operations that do the same, on the CPU, at the sizes of
//! the captioners of Show and Tell and Show, Attend and Tell: batch 256, hidden state 256, 196
//! locations of 512 numbers, 30,000 classes, 2,048 rows of a batch that are no padding (8 a
//! comment).
//!
//! usage: `cargo bench -p burn-fused -- [NAME…] [--rounds N] [--steps GLOBAL,ATTENTION]`
//!
//! In each round both run once, one after the other; times are medians of the rounds and the ratio
//! is the median of the rounds' ratios. The last columns are what a training step of either
//! captioner gains: calls a step times the difference. With `--steps`, the milliseconds of a step
//! of both (the example `captioner_speed` of caption-train), it is also given as a share of a step
//! without it.

use std::{hint::black_box, time::Instant};

use burn::{
    nn::LinearConfig,
    tensor::{Device, Distribution, Int, Tensor, activation},
};
use burn_fused::{ArgmaxLayer, additive_attention, exp, linear, linear_cross_entropy, lstm_gates};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 256;
const HIDDEN: usize = 256;
const LOCATIONS: usize = 196;
const D_ANNOTATION: usize = 512;
const D_ATTENTION: usize = 256;
const CLASSES: usize = 30_000;
/// Time steps of a batch.
const TIME: usize = 8;
const ROWS: usize = BATCH * TIME;

/// How often a training step of the global and of the attention captioner does it.
type Calls = [usize; 2];

struct Bench {
    names: Vec<String>,
    rounds: usize,
    /// Milliseconds of a training step.
    steps: Option<Calls>,
}

impl Bench {
    fn from_args() -> Result<Self, String> {
        let mut bench = Self {
            names: Vec::new(),
            rounds: 15,
            steps: None,
        };
        let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--rounds" => bench.rounds = number()?.parse().map_err(|_| "--rounds N")?,
                "--steps" => {
                    let text = number()?;
                    let numbers: Vec<usize> = text.split(',').flat_map(str::parse).collect();
                    let numbers = Calls::try_from(numbers).map_err(|_| "--steps MS,MS")?;
                    bench.steps = Some(numbers);
                }
                _ => bench.names.push(argument),
            }
        }
        Ok(bench)
    }

    /// Prints a row.
    fn row(&self, name: &str, calls: Calls, mut fused: impl FnMut(), mut plain: impl FnMut()) {
        if !self.names.is_empty() && !self.names.iter().any(|part| name.contains(part)) {
            return;
        }
        fused();
        plain();
        let rounds: Vec<[f64; 2]> = (0..self.rounds)
            .map(|_| [timed(&mut fused), timed(&mut plain)])
            .collect();
        let fused = median(rounds.iter().map(|[fused, _]| *fused));
        let plain = median(rounds.iter().map(|[_, plain]| *plain));
        let ratio = median(rounds.iter().map(|[fused, plain]| plain / fused));
        print!("| {name} | {plain:.2} | {fused:.2} | {ratio:.2} |");
        for (captioner, calls) in calls.into_iter().enumerate() {
            let gain = (plain - fused) * calls as f64;
            match self.steps.map(|steps| steps[captioner] as f64) {
                Some(step) => print!(" {gain:.1} ms, {:.1} % |", 100.0 * gain / (step + gain)),
                None => print!(" {gain:.1} ms |"),
            }
        }
        println!();
    }
}

fn main() -> Result<(), String> {
    let bench = Bench::from_args()?;
    println!("| operation | plain, ms | fused, ms | ratio | a global step | an attention step |");
    println!("|---|---|---|---|---|---|");
    let device = Device::flex();
    device.seed(0);
    gates(&bench, &device);
    attention(&bench, &device);
    layers(&bench, &device);
    cross_entropy(&bench, &device);
    argmax(&bench, &device);
    exponentials(&bench, &device);
    Ok(())
}

/// Both ways of a function of one or more tensors: the values alone, and with the gradients of all.
/// Only the second counts for a training step, whose forward pass it contains.
fn both_ways<const N: usize>(
    bench: &Bench,
    name: &str,
    calls: Calls,
    inputs: [Tensor<2>; N],
    fused: impl Fn([Tensor<2>; N]) -> Tensor<2>,
    plain: impl Fn([Tensor<2>; N]) -> Tensor<2>,
) {
    bench.row(
        &format!("{name}, forward"),
        [0, 0],
        || drop(black_box(fused(inputs.clone()).into_data())),
        || drop(black_box(plain(inputs.clone()).into_data())),
    );
    let inputs = inputs.map(|input| input.autodiff().require_grad());
    let device = inputs[0].device();
    let upstream = Tensor::random(plain(inputs.clone()).dims(), Distribution::Default, &device);
    bench.row(
        &format!("{name}, forward and backward"),
        calls,
        || {
            drop(black_box(
                (fused(inputs.clone()) * upstream.clone()).sum().backward(),
            ))
        },
        || {
            drop(black_box(
                (plain(inputs.clone()) * upstream.clone()).sum().backward(),
            ))
        },
    );
}

fn random<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn gates(bench: &Bench, device: &Device) {
    let inputs = [
        random([BATCH, 4 * HIDDEN], device),
        random([BATCH, HIDDEN], device),
    ];
    both_ways(
        bench,
        "LSTM gates, 256 x 256",
        [TIME, TIME],
        inputs,
        |[sums, cell]| {
            let (hidden, cell) = lstm_gates(sums, cell);
            Tensor::cat(vec![hidden, cell], 1)
        },
        |[sums, cell]| {
            let gates = sums.chunk(4, 1);
            let [i, f, o] = [0, 1, 3].map(|gate| activation::sigmoid(gates[gate].clone()));
            let cell = f * cell + i * gates[2].clone().tanh();
            Tensor::cat(vec![o * cell.clone().tanh(), cell], 1)
        },
    );
}

fn attention(bench: &Bench, device: &Device) {
    let score = LinearConfig::new(D_ATTENTION, 1).init(device);
    let tracked = LinearConfig::new(D_ATTENTION, 1).init(&device.clone().autodiff());
    let annotations = random([BATCH, LOCATIONS, D_ANNOTATION], device);
    let layer = |query: &Tensor<2>| match query.is_autodiff() {
        true => tracked.clone(),
        false => score.clone(),
    };
    let on_graph = |query: &Tensor<2>| match query.is_autodiff() {
        true => annotations.clone().autodiff(),
        false => annotations.clone(),
    };
    let keys = random([BATCH * LOCATIONS, D_ATTENTION], device);
    both_ways(
        bench,
        "additive attention, 256 x 196 x 512",
        [0, TIME],
        [keys, random([BATCH, D_ATTENTION], device)],
        |[keys, query]| {
            let (score, annotations) = (layer(&query), on_graph(&query));
            let keys = keys.reshape([BATCH, LOCATIONS, D_ATTENTION]);
            additive_attention(keys, query, &score, annotations).0
        },
        |[keys, query]| {
            let (score, annotations) = (layer(&query), on_graph(&query));
            let keys = keys.reshape([BATCH, LOCATIONS, D_ATTENTION]);
            let scores = score.forward((keys + query.unsqueeze_dim(1)).tanh());
            let weights = activation::softmax(scores.squeeze_dim::<2>(2), 1);
            let mean = weights.unsqueeze_dim::<3>(1).matmul(annotations);
            mean.squeeze_dim(1)
        },
    );
}

/// Only forward: with gradients it is Burn's.
fn layers(bench: &Bench, device: &Device) {
    for (name, rows, d_input, d_output) in [
        (
            "linear, 256 x 256 to 1,024, forward",
            BATCH,
            HIDDEN,
            4 * HIDDEN,
        ),
        (
            "linear, 50,176 x 512 to 256, forward",
            BATCH * LOCATIONS,
            D_ANNOTATION,
            D_ATTENTION,
        ),
    ] {
        let layer = LinearConfig::new(d_input, d_output).init(device);
        let x = random([rows, d_input], device);
        bench.row(
            name,
            [0, 0],
            || drop(black_box(linear(&layer, x.clone()).into_data())),
            || drop(black_box(layer.forward(x.clone()).into_data())),
        );
    }
}

fn cross_entropy(bench: &Bench, device: &Device) {
    let layer = LinearConfig::new(HIDDEN, CLASSES).init(device);
    let tracked = LinearConfig::new(HIDDEN, CLASSES).init(&device.clone().autodiff());
    let layer = |x: &Tensor<2>| match x.is_autodiff() {
        true => tracked.clone(),
        false => layer.clone(),
    };
    let targets = |x: &Tensor<2>| Tensor::<1, Int>::ones([ROWS], &x.device());
    // The mean, as in training: all losses weigh alike in the sum that is differentiated.
    let mean = |loss: Tensor<1>| loss.mean().unsqueeze::<2>();
    both_ways(
        bench,
        "linear + cross entropy, 2,048 x 256 to 30,000",
        [1, 1],
        [random([ROWS, HIDDEN], device)],
        |[x]| {
            let targets = targets(&x);
            mean(linear_cross_entropy(x.clone(), &layer(&x), targets, 0.0).loss)
        },
        |[x]| {
            let targets = targets(&x).unsqueeze_dim(1);
            let likelihoods = activation::log_softmax(layer(&x).forward(x), 1);
            mean(likelihoods.gather(1, targets).squeeze_dim::<1>(1).neg())
        },
    );
}

fn argmax(bench: &Bench, device: &Device) {
    let layer = LinearConfig::new(HIDDEN, CLASSES).init(device);
    let argmax = ArgmaxLayer::new(&layer, &[]);
    let input = random([BATCH, HIDDEN], device);
    bench.row(
        "linear + argmax, 256 x 256 to 30,000",
        [0, 0],
        || drop(black_box(argmax.argmax(input.clone()).into_data())),
        || {
            drop(black_box(
                layer.forward(input.clone()).argmax(1).into_data(),
            ))
        },
    );
}

/// The weights of a word that is drawn, for each comment of a batch, beside the standard library's
/// function.
fn exponentials(bench: &Bench, device: &Device) {
    let scores = random([BATCH, CLASSES], device).into_data();
    let scores = scores.try_into_vec::<f32>().expect("f32 on the CPU");
    let in_place = |function: fn(&mut [f32])| {
        let mut values = scores.clone();
        function(&mut values);
        drop(black_box(values));
    };
    bench.row(
        "exp, 256 x 30,000 on the host",
        [0, 0],
        || in_place(exp),
        || in_place(|values| values.iter_mut().for_each(|value| *value = value.exp())),
    );
}

/// Milliseconds.
fn timed(run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1e3
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
