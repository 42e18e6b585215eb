//! What the benches of operations over pairs of queries and keys share: arguments, clocks, the
//! machine's peak, and rows of a table.

use std::{
    hint::black_box,
    sync::LazyLock,
    time::{Duration, Instant},
};

use pulp::{Arch, Simd, WithSimd};

/// What runs in a round runs as often as fits into this, because the system counts the time of a
/// thread in ticks of some milliseconds.
const ROUND: Duration = Duration::from_millis(100);

/// How rows are measured.
pub(crate) struct Bench {
    rounds: usize,
    with_plain: bool,
    cores: usize,
    clock: fn() -> f64,
}

impl Bench {
    /// Calls `rows` with a bench for one and for all cores, inside a pool of as many threads.
    pub(crate) fn for_cores(rows: impl Fn(&Self) + Sync) -> Result<(), String> {
        let (mut rounds, mut with_plain, mut cpu_time) = (11, true, false);
        let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => {
                    let number = arguments.next().and_then(|number| number.parse().ok());
                    rounds = number.ok_or("--rounds N")?;
                }
                "--without-plain" => with_plain = false,
                "--cpu-time" => cpu_time = true,
                _ => return Err(format!("{argument} is unknown")),
            }
        }
        println!(
            "| sizes | pass | cores | plain, ms | fused, ms | ratio | GFLOP | GFLOP/s | of peak |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let clock = if cpu_time { cpu_seconds } else { seconds };
        for cores in if all > 1 && !cpu_time {
            vec![1, all]
        } else {
            vec![1]
        } {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build();
            let pool = pool.map_err(|error| error.to_string())?;
            let bench = Self {
                rounds,
                with_plain,
                cores,
                clock,
            };
            pool.install(|| rows(&bench));
        }
        Ok(())
    }

    /// That a run takes.
    fn milliseconds(&self, run: &mut impl FnMut()) -> f64 {
        let (start, started, mut times) = ((self.clock)(), Instant::now(), 0);
        while times == 0 || started.elapsed() < ROUND {
            run();
            times += 1;
        }
        ((self.clock)() - start) * 1e3 / f64::from(times)
    }

    /// GFLOP/s of a core that multiplies and adds in registers.
    fn peak(&self) -> f64 {
        let mut flop = 0.0;
        let time = self.milliseconds(&mut || flop = Arch::new().dispatch(Peak { times: 200_000 }));
        flop / time / 1e6
    }

    /// Prints a row.
    pub(crate) fn row(
        &self,
        name: &str,
        gflop: f64,
        mut fused: impl FnMut(),
        mut plain: impl FnMut(),
    ) {
        let mut rounds = Vec::new();
        for round in 0..=self.rounds {
            let peak = self.peak();
            let fused = self.milliseconds(&mut fused);
            let plain = if self.with_plain {
                self.milliseconds(&mut plain)
            } else {
                f64::NAN
            };
            if round > 0 {
                rounds.push([peak, fused, plain]);
            }
        }
        let [peak, fused, plain] = [0, 1, 2].map(|i| median(rounds.iter().map(|round| round[i])));
        let ratio = median(rounds.iter().map(|[_, fused, plain]| plain / fused));
        let speed = gflop / fused * 1e3;
        println!(
            "| {name} | {} | {plain:.2} | {fused:.2} | {ratio:.2} | {gflop:.3} | {speed:.1} | {:.0} % |",
            self.cores,
            100.0 * speed / (peak * self.cores as f64)
        );
    }
}

struct Peak {
    times: usize,
}

impl WithSimd for Peak {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut sums = [simd.splat_f32s(1.0); 12];
        let [factor, term] = [0.5, 0.25].map(|value| simd.splat_f32s(black_box(value)));
        for _ in 0..self.times {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f32s(sum)));
        (self.times * sums.len() * 2 * S::F32_LANES) as f64
    }
}

/// Since some moment.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// That this thread has run. NaN where the system does not tell.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
