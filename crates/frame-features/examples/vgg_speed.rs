//! How fast VGG-19 runs on this machine's CPU, and how close that is to what the machine can do.
//!
//! `cargo run --release -p frame-features --example vgg_speed -- [BATCH [ROUNDS [DIVISOR [layers]]]]`
//!
//! Prints frames a second up to `conv5_3` at 224x224 with random weights by [`Encoder`], from
//! bytes to features, as the median of the rounds; what that is in arithmetic operations of the
//! definition (39 GFLOP a frame in full width); how many multiplications and additions a second the
//! cores do when they do nothing else; and, if asked for, the time of each layer, as the difference
//! between encoders that end there, from which that of copying out a layer's features is not taken
//! off. CPU seconds are those of all threads, which other programs on the
//! machine disturb less than the time on the clock.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use burn::tensor::Device;
use frame_features::{Encoder, FrameEncoder, Layer, Picture, Vgg, VggConfig};
use pulp::{Arch, Simd, WithSimd};

const SIZE: usize = 224;
/// Sums that are independent of each other.
const SUMS: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| match arguments.next() {
        Some(text) => text
            .parse()
            .map_err(|_| format!("{text}: expected a number")),
        None => Ok(default),
    };
    let (batch, rounds, divisor) = (number(8)?, number(5)?, number(1)?);
    let config = VggConfig::slim(divisor);
    let network = config.init(&Device::flex());
    let rgb: Vec<u8> = (0..=255).cycle().take(SIZE * SIZE * 3).collect();
    let pictures = vec![Picture::new(SIZE, SIZE, &rgb).ok_or("three bytes a pixel")?; batch];
    let frames = f64::from(u32::try_from(batch)?);
    let measure = |network: &Vgg, layer: Layer| -> Result<Times, Box<dyn Error>> {
        let encoder = Encoder::new(network, layer, SIZE)?;
        time(rounds, || {
            black_box(encoder.encode(&pictures)?);
            Ok(())
        })
    };

    let whole = measure(&network, Layer::Conv5_3)?.median;
    let peak = peak(rounds)?;
    let operations: f64 = (0..15).map(|index| operations(&config, index)).sum();
    for (clock, seconds, peak) in [("clock", whole[0], peak[0]), ("CPU", whole[1], peak[1])] {
        println!(
            "conv5_3, width / {divisor}, batch {batch}: {:.3} frames per {clock} second, {:.1} GFLOP/s, the cores' own speed {:.1} GFLOP/s",
            frames / seconds,
            operations * frames / seconds / 1e9,
            peak / 1e9
        );
    }
    if arguments.next().as_deref() != Some("layers") {
        return Ok(());
    }
    let mut below = 0.0;
    println!("layer     CPU ms a frame   GFLOP of the definition   GFLOP per CPU second");
    for index in 0..15 {
        let number = |group: &[usize]| group.iter().position(|&last| index <= last);
        let ends = [1, 3, 7, 11, 15];
        let group = number(&ends).ok_or("five groups")?;
        let first = if group == 0 { 0 } else { ends[group - 1] + 1 };
        let name = format!("conv{}_{}", group + 1, index - first + 1);
        let upto = if ends[group] == index {
            format!("pool{}", group + 1)
        } else {
            name.clone()
        };
        let seconds = measure(&network, upto.parse()?)?.least_cpu;
        let operations = self::operations(&config, index) / 1e9;
        let own = (seconds - below).max(1e-9) / frames;
        below = seconds;
        println!(
            "{name} {:17.2} {operations:25.2} {:22.1}",
            own * 1e3,
            operations / own
        );
    }
    Ok(())
}

/// Of some rounds.
struct Times {
    /// The medians of the clock's and of the threads' seconds.
    median: [f64; 2],
    /// The fewest seconds of the threads: what others disturb least, for differences.
    least_cpu: f64,
}

/// Times rounds after one that is not counted.
fn time(
    rounds: usize,
    mut round: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Times, Box<dyn Error>> {
    round()?;
    let mut seconds = [Vec::new(), Vec::new()];
    for _ in 0..rounds.max(1) {
        let (start, worked) = (Instant::now(), cpu_seconds()?);
        round()?;
        seconds[0].push(start.elapsed().as_secs_f64());
        seconds[1].push(cpu_seconds()? - worked);
    }
    for seconds in &mut seconds {
        seconds.sort_by(f64::total_cmp);
    }
    Ok(Times {
        median: [0, 1].map(|kind| seconds[kind][seconds[kind].len() / 2]),
        least_cpu: seconds[1][0],
    })
}

/// Seconds that all threads of this program have worked, as Linux counts them.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut seconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
        seconds += nanoseconds / 1e9;
    }
    Ok(seconds)
}

/// Additions and multiplications of convolution `index` for a picture of 224x224, as it is defined.
fn operations(config: &VggConfig, index: usize) -> f64 {
    const SIDES: [u32; 15] = [
        224, 224, 112, 112, 56, 56, 56, 56, 28, 28, 28, 28, 14, 14, 14,
    ];
    let [input, output] = config.convolution_channels(index);
    let weights = u32::try_from(input * output * 9).unwrap_or(u32::MAX);
    2.0 * f64::from(weights) * f64::from(SIDES[index] * SIDES[index])
}

/// Operations per second of the clock and per CPU second when all threads do nothing but multiply
/// and add in registers.
fn peak(rounds: usize) -> Result<[f64; 2], Box<dyn Error>> {
    const TURNS: u32 = 20_000_000;
    struct Sums;
    impl WithSimd for Sums {
        type Output = f64;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f64 {
            let mut sums = [simd.splat_f32s(1.0); SUMS];
            let factor = simd.splat_f32s(black_box(0.5));
            for _ in 0..TURNS {
                for sum in &mut sums {
                    *sum = simd.mul_add_f32s(*sum, factor, factor);
                }
            }
            for sum in sums {
                black_box(simd.reduce_sum_f32s(sum));
            }
            let lanes = u32::try_from(S::F32_LANES * SUMS * 2).unwrap_or(0);
            f64::from(TURNS) * f64::from(lanes)
        }
    }
    let mut operations = 0.0;
    let seconds = time(rounds, || {
        let each = rayon::broadcast(|_| Arch::new().dispatch(Sums));
        operations = each.iter().sum();
        Ok(())
    })?;
    Ok(seconds.median.map(|seconds| operations / seconds))
}
