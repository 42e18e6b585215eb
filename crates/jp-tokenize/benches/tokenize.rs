//! The rows of the speed table: splitting on one thread against `mecab -Owakati` and against two
//! threads, and counting and cutting a vocabulary of 30,000 words against splitting.
//!
//! `cargo bench -p jp-tokenize -- FILE` takes the lines of a file, repeated to 420,000; without a
//! file those of `tests/it/comment-like.txt`. Every round runs everything once, in an order that
//! turns round from one to the next, so that what else the machine does hits all alike. Printed are
//! each one's best and median time and the ratios of both; on Linux also those of the time on a
//! core, which mean something on a busy machine too, where one thread is compared with one thread.

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jp_tokenize::{Dictionary, Tokenizer};

const ROUNDS: usize = 7;
const LINES: usize = 420_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let text = match path {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("../tests/it/comment-like.txt").to_owned(),
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let lines: Vec<&str> = lines.iter().copied().cycle().take(LINES).collect();
    if lines.is_empty() {
        return Err("no lines to split".into());
    }
    let tokenizer = Tokenizer::new(Dictionary::system()?)?;
    let mut input = tempfile::NamedTempFile::new()?;
    for line in &lines {
        writeln!(input, "{line}")?;
    }
    input.flush()?;

    let one = || wakati(&tokenizer, &lines);
    let two = || {
        let (left, right) = lines.split_at(lines.len() / 2);
        std::thread::scope(|scope| {
            let left = scope.spawn(|| wakati(&tokenizer, left));
            let right = wakati(&tokenizer, right);
            left.join().unwrap_or_default() + &right
        })
    };
    let counted = || {
        let mut counter = tokenizer.counter();
        lines.iter().for_each(|line| counter.add(line));
        counter
            .into_builder()
            .build(Some(30_000), 1)
            .len()
            .to_string()
    };
    let split_only = || {
        let mut worker = tokenizer.worker();
        let words: usize = lines.iter().map(|line| worker.tokenize(line).count()).sum();
        words.to_string()
    };
    let mecab = || {
        let mut mecab = Command::new("mecab");
        mecab.args(["-b", "1000000", "-Owakati"]).arg(input.path());
        let output = mecab.stderr(Stdio::null()).output();
        output.map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let runs: [(&str, &dyn Fn() -> String); 5] = [
        ("one thread", &one),
        ("two threads", &two),
        ("one thread, split only", &split_only),
        ("one thread, counted and cut", &counted),
        ("mecab -Owakati", &mecab),
    ];
    let mut times = runs.map(|_| Vec::new());
    let mut cpu_times = runs.map(|_| Vec::new());
    for round in 0..ROUNDS {
        let mut outputs = runs.map(|_| String::new());
        let mut order: Vec<usize> = (0..runs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for run in order {
            let cpu_before = cpu_seconds();
            let (duration, output) = time(runs[run].1);
            times[run].push(duration.as_secs_f64());
            cpu_times[run].push(cpu_seconds() - cpu_before);
            outputs[run] = output;
        }
        if outputs[0] != outputs[1] {
            return Err("two threads did not give what one gave".into());
        }
        if outputs[0] != outputs[4] {
            println!("round {round}: not as mecab: is it installed, with IPADIC in UTF-8?");
        }
    }
    let summary = |mut times: Vec<f64>| {
        times.sort_unstable_by(f64::total_cmp);
        (times[0], times[ROUNDS / 2])
    };
    let measured = times.map(summary);
    let on_core = cpu_times.map(summary);
    for ((name, _), (best, median)) in runs.iter().zip(measured) {
        println!(
            "{name}: best {best:.3} s, median {median:.3} s, {:.0} lines/s",
            LINES as f64 / median
        );
    }
    for (which, times) in [
        ("best times", measured.map(|(best, _)| best)),
        ("medians", measured.map(|(_, median)| median)),
    ] {
        let [one, two, ..] = times;
        println!("by {which}:");
        print_ratios(times);
        println!("  one thread / two threads: {:.3}", one / two);
    }
    if on_core.iter().all(|&(best, _)| best > 0.0) {
        println!("by medians of the time on a core:");
        print_ratios(on_core.map(|(_, median)| median));
    }
    Ok(())
}

fn print_ratios([one, _, split, counted, mecab]: [f64; 5]) {
    println!("  mecab / one thread: {:.3}", mecab / one);
    println!(
        "  counting and cutting / splitting: {:.3}",
        (counted - split) / split
    );
}

/// Seconds that this thread and ended processes of this program spent on a core, or 0 where the
/// system does not tell.
fn cpu_seconds() -> f64 {
    let column = |path: &str, place: usize| -> Option<f64> {
        let text = std::fs::read_to_string(path).ok()?;
        let columns = text.rsplit(')').next()?; // a program's name may hold spaces
        columns.split_whitespace().nth(place)?.parse().ok()
    };
    let thread = column("/proc/thread-self/schedstat", 0).unwrap_or(0.0);
    let ended = [13, 14].map(|place| column("/proc/self/stat", place).unwrap_or(0.0));
    thread / 1e9 + (ended[0] + ended[1]) / 100.0 // nanoseconds, and ticks of Linux
}

fn time<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = run();
    (start.elapsed(), result)
}

/// What `mecab -Owakati` prints.
fn wakati(tokenizer: &Tokenizer, lines: &[&str]) -> String {
    let mut worker = tokenizer.worker();
    let mut words = String::new();
    for line in lines {
        for token in worker.tokenize(line) {
            words.push_str(token.surface);
            words.push(' ');
        }
        words.push('\n');
    }
    words
}
