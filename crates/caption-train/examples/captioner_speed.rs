//! How fast the captioners learn and write on the CPU: the original experiment's sizes, words and
//! pictures drawn at random, comment lengths from a file. `benches/captioner/run.sh` runs it beside
//! PyTorch.
//!
//! usage: captioner_speed LENGTHS [--steps N] [--only global,attention,greedy] [--phases]

use std::{
    error::Error,
    fs,
    time::{Duration, Instant},
};

use burn::{
    module::Module,
    nn::LinearConfig,
    optim::{AdamConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Distribution, Int, Tensor, TensorData},
};
use burn_fused::{ArgmaxLayer, linear_cross_entropy};
use caption_model::{
    AttentionCaptionerConfig, BOS, EOS, GlobalCaptionerConfig, Network, NetworkConfig, PAD,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WORDS: usize = 30_000;
const BATCH: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let lengths = arguments.next().ok_or("usage: captioner_speed LENGTHS …")?;
    let rest: Vec<String> = arguments.collect();
    let value = |name: &str| {
        let place = rest.iter().position(|argument| argument == name)?;
        rest.get(place + 1).cloned()
    };
    let steps: usize = value("--steps").map_or(Ok(10), |steps| steps.parse())?;
    let only = value("--only").unwrap_or_else(|| "global,attention,greedy".to_owned());
    let histogram = Histogram::read(&lengths)?;
    let device = Device::flex();
    device.seed(0);
    if rest.iter().any(|argument| argument == "--phases") {
        phases(&device);
    }
    let batches = batches(&histogram, steps, &device.clone().autodiff());
    for (name, config, shape) in [
        (
            "global",
            NetworkConfig::from(GlobalCaptionerConfig::new(WORDS, 4096)),
            [BATCH, 1, 4096],
        ),
        (
            "attention",
            NetworkConfig::from(AttentionCaptionerConfig::new(WORDS, 512)),
            [BATCH, 196, 512],
        ),
    ] {
        if only.contains(name) {
            let seconds = training(&config, shape, &batches, &device);
            println!(
                "{name} training {:.1} ms/step {:.1} comments/s",
                seconds * 1e3,
                BATCH as f64 / seconds
            );
        }
    }
    if only.contains("greedy") {
        let seconds = greedy(&device);
        println!("greedy, 12 words {:.1} comments/s", BATCH as f64 / seconds);
    }
    Ok(())
}

/// Mean seconds a step, over batches of all lengths.
fn training(config: &NetworkConfig, shape: [usize; 3], batches: &[Batch], device: &Device) -> f64 {
    let device = device.clone().autodiff();
    let features = Tensor::random(shape, Distribution::Uniform(0.0, 1.0), &device);
    let mut network = Some(config.init(&device));
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let mut step = |batch: &Batch| {
        let stepped = network.take().expect("it is put back");
        network = Some(train(stepped, &mut optimizer, &features, batch));
    };
    for _ in 0..2 {
        step(&batches[0]);
    }
    let start = Instant::now();
    for batch in batches {
        step(batch);
    }
    start.elapsed().as_secs_f64() / batches.len() as f64
}

fn train(
    network: Network,
    optimizer: &mut ModuleOptimizer,
    features: &Tensor<3>,
    batch: &Batch,
) -> Network {
    let (deep, _) = network.forward(features.clone(), batch.words.clone());
    let [size, time, d] = deep.dims();
    let deep = deep
        .reshape([size * time, d])
        .select(0, batch.positions.clone());
    let cost = network.word_loss(deep, batch.targets.clone(), 0.0);
    let [positions] = cost.loss.dims();
    let gradients = cost.loss.sum().div_scalar(positions as f64).backward();
    let gradients = GradientsParams::from_grads(gradients, &network);
    optimizer.step(1e-3, network, gradients)
}

/// Median seconds of three batches of 12 words each.
fn greedy(device: &Device) -> f64 {
    let network = GlobalCaptionerConfig::new(WORDS, 4096).init(device).valid();
    let features = Tensor::random([BATCH, 4096], Distribution::Uniform(0.0, 1.0), device);
    let argmax = ArgmaxLayer::new(&network.out, &[]);
    let run = || {
        let mut state = network.start(features.clone());
        let mut words = Tensor::<1, Int>::full([BATCH], i64::from(BOS), device);
        for _ in 0..12 {
            let (deep, next) = network.step(words, state);
            (words, state) = (argmax.argmax(deep), next);
        }
        words.into_data()
    };
    median((0..4).map(|_| timed(run)).skip(1)).as_secs_f64()
}

/// The word layer alone, at 2,048 positions.
fn phases(device: &Device) {
    const POSITIONS: usize = 2048;
    let flops = 2.0 * POSITIONS as f64 * 256.0 * WORDS as f64;
    let layer = LinearConfig::new(256, WORDS).init(device);
    let deep = Tensor::<2>::random([POSITIONS, 256], Distribution::Default, device);
    let targets = Tensor::<1, Int>::ones([POSITIONS], device);
    let report = |what: &str, products: f64, time: Duration| {
        let seconds = time.as_secs_f64();
        let rate = products * flops / seconds / 1e9;
        println!("{what}: {:.1} ms, {rate:.1} GFLOP/s", seconds * 1e3);
    };
    let forward = || {
        linear_cross_entropy(deep.clone(), &layer, targets.clone(), 0.0)
            .loss
            .sum()
            .into_data()
    };
    report(
        "word layer, losses",
        1.0,
        median((0..5).map(|_| timed(forward))),
    );
    let plain = || layer.forward(deep.clone()).into_data();
    report(
        "word layer, Burn's product alone",
        1.0,
        median((0..3).map(|_| timed(plain))),
    );
    let autodiff = device.clone().autodiff();
    let layer = LinearConfig::new(256, WORDS).init(&autodiff);
    let deep = deep.autodiff().require_grad();
    let both = || {
        linear_cross_entropy(deep.clone(), &layer, targets.clone(), 0.0)
            .loss
            .sum()
            .backward();
    };
    report(
        "word layer, losses and gradients",
        3.0,
        median((0..5).map(|_| timed(both))),
    );
}

fn timed<T>(run: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    let _ = run();
    start.elapsed()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

/// How often comments have how many words: lines of a length and a count.
struct Histogram(Vec<(usize, usize)>);

impl Histogram {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let parse = |line: &str| {
            let (length, count) = line.split_once('\t')?;
            Some((length.parse().ok()?, count.parse().ok()?))
        };
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                parse(line).ok_or_else(|| format!("{path}: no length and count: {line}").into())
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// So many lengths in their order, distributed as the counts are.
    fn quantiles(&self, number: usize) -> Vec<usize> {
        let everything: Vec<usize> = self
            .0
            .iter()
            .flat_map(|&(length, count)| std::iter::repeat_n(length, count))
            .collect();
        (0..number)
            .map(|i| everything[(2 * i + 1) * everything.len() / (2 * number)])
            .collect()
    }
}

struct Batch {
    words: Tensor<2, Int>,
    positions: Tensor<1, Int>,
    targets: Tensor<1, Int>,
}

/// Batches of comments of similar length.
fn batches(histogram: &Histogram, number: usize, device: &Device) -> Vec<Batch> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let lengths = histogram.quantiles(number * BATCH);
    lengths
        .chunks_exact(BATCH)
        .map(|lengths| batch(lengths, &mut random, device))
        .collect()
}

fn batch(lengths: &[usize], random: &mut impl Rng, device: &Device) -> Batch {
    let time = lengths.iter().max().map_or(1, |longest| longest + 1);
    let (mut words, mut positions, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    let vocabulary = 4..u32::try_from(WORDS).expect("30,000");
    for (row, length) in lengths.iter().enumerate() {
        let comment: Vec<u32> = (0..*length)
            .map(|_| random.random_range(vocabulary.clone()))
            .collect();
        let read = std::iter::once(BOS).chain(comment.iter().copied());
        words.extend(read.chain(std::iter::repeat(PAD)).take(time).map(i64::from));
        targets.extend(comment.iter().copied().chain([EOS]).map(i64::from));
        positions.extend((0..=*length).map(|place| (row * time + place) as i64));
    }
    let positions_len = positions.len();
    Batch {
        words: Tensor::from_data(TensorData::new(words, [lengths.len(), time]), device),
        positions: Tensor::from_data(TensorData::new(positions, [positions_len]), device),
        targets: Tensor::from_data(TensorData::new(targets, [positions_len]), device),
    }
}
