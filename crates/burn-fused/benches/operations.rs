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
    module::{Module, ModuleVisitor, Param},
    nn::{Linear, LinearConfig},
    optim::{AdamConfig, AdamState, GradientsParams, Optimizer},
    tensor::{Device, Distribution, Int, Tensor, activation},
};
use burn_fused::{
    ArgmaxLayer, FusedAdam, additive_attention, clip_by_global_norm, linear, linear_cross_entropy,
    lstm_gates, tanh,
};

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
    optimiser(&bench, &device);
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

fn layers(bench: &Bench, device: &Device) {
    both_ways(
        bench,
        "tanh, 2,048 x 256",
        [1, 1],
        [random([ROWS, HIDDEN], device)],
        |[x]| tanh(x),
        |[x]| x.tanh(),
    );
    for (name, rows, d_input, d_output, calls) in [
        (
            "linear, 256 x 256 to 1,024",
            BATCH,
            HIDDEN,
            4 * HIDDEN,
            [TIME, TIME],
        ),
        (
            "linear, 2,048 x 256 to 1,024",
            ROWS,
            HIDDEN,
            4 * HIDDEN,
            [1, 1],
        ),
        (
            "linear, 50,176 x 512 to 256",
            BATCH * LOCATIONS,
            D_ANNOTATION,
            D_ATTENTION,
            [0, 1],
        ),
    ] {
        let layer = LinearConfig::new(d_input, d_output).init(device);
        let tracked = LinearConfig::new(d_input, d_output).init(&device.clone().autodiff());
        let layer = |x: &Tensor<2>| match x.is_autodiff() {
            true => tracked.clone(),
            false => layer.clone(),
        };
        both_ways(
            bench,
            name,
            calls,
            [random([rows, d_input], device)],
            |[x]| linear(&layer(&x), x),
            |[x]| layer(&x).forward(x),
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

/// Embedding and output layer of a captioner, 15.4 million weights.
fn optimiser(bench: &Bench, device: &Device) {
    #[derive(Module, Debug)]
    struct Weights {
        embedding: Linear,
        output: Linear,
    }
    let config = LinearConfig::new(HIDDEN, CLASSES).with_bias(false);
    let weights = Weights {
        embedding: config.init(device),
        output: config.init(device),
    };
    let gradient = random([HIDDEN, CLASSES], device);
    let step = |optimizer: &dyn Fn(Stepped) -> Stepped, state: &mut Option<Stepped>| {
        let before = state.take().expect("it is put back");
        *state = Some(optimizer(before));
    };
    let (fused, plain) = (
        FusedAdam::default(),
        AdamConfig::new().with_epsilon(1e-8).build(),
    );
    let fresh = || Some((weights.output.weight.val().add_scalar(0.0), None));
    let (mut of_fused, mut of_plain) = (fresh(), fresh());
    bench.row(
        "Adam, 7,680,000 weights",
        [2, 2],
        || {
            step(
                &|(weight, state)| fused.step(1e-3, weight, gradient.clone(), state),
                &mut of_fused,
            );
        },
        || {
            step(
                &|(weight, state)| plain.step(1e-3, weight, gradient.clone(), state),
                &mut of_plain,
            );
        },
    );
    let gradients = || {
        let mut gradients = GradientsParams::new();
        for layer in [&weights.embedding, &weights.output] {
            // A copy of its own, as a backward pass gives it.
            gradients.register(layer.weight.id, gradient.clone().add_scalar(0.0));
        }
        gradients
    };
    for (name, max_norm) in [("above the norm", 1.0), ("below the norm", 1e9)] {
        // Made before, so that only clipping is timed.
        let mut given: Vec<GradientsParams> =
            (0..2 * (bench.rounds + 1)).map(|_| gradients()).collect();
        let mut given_plain = given.split_off(bench.rounds + 1);
        bench.row(
            &format!("clipping, 15,360,000 gradients {name}"),
            [1, 1],
            || {
                let gradients = given.pop().expect("one for each round");
                drop(black_box(clip_by_global_norm(
                    &weights, gradients, max_norm,
                )));
            },
            || {
                let gradients = given_plain.pop().expect("one for each round");
                drop(black_box(plain_clipping(&weights, gradients, max_norm)));
            },
        );
    }
}

type Stepped = (Tensor<2>, Option<AdamState<2>>);

fn plain_clipping<M: Module>(
    module: &M,
    gradients: GradientsParams,
    max_norm: f64,
) -> GradientsParams {
    struct Norm<'a>(&'a GradientsParams, Vec<Tensor<1>>);
    impl ModuleVisitor for Norm<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.get::<D>(param.id) {
                self.1.push(gradient.square().sum());
            }
        }
    }
    struct Scaling(GradientsParams, Tensor<1>);
    impl ModuleVisitor for Scaling {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.remove::<D>(param.id) {
                let scaled = gradient * self.1.clone().unsqueeze();
                self.0.register(param.id, scaled);
            }
        }
    }
    let mut norm = Norm(&gradients, Vec::new());
    module.visit(&mut norm);
    let norm = Tensor::cat(norm.1, 0).sum().sqrt();
    let scale = norm.recip().mul_scalar(max_norm).clamp_max(1.0);
    let mut scaling = Scaling(gradients, scale);
    module.visit(&mut scaling);
    scaling.0
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
