//! The rows of the speed table: splitting on one thread against `mecab -Owakati` and against two threads, and counting and
//! cutting a vocabulary of 30,000 words against splitting.
//!
//! `cargo bench -p jp-tokenize -- FILE` takes the lines of a file, repeated to 420,000; without a file those of
//! `tests/it/comment-like.txt`. Every round runs everything once, in an order that turns round from one to the next, so that what
//! else the machine does hits all alike. Printed are each one's best and median time and the ratios of both.

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
    for round in 0..ROUNDS {
        let mut outputs = runs.map(|_| String::new());
        let mut order: Vec<usize> = (0..runs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for run in order {
            let (duration, output) = time(runs[run].1);
            times[run].push(duration.as_secs_f64());
            outputs[run] = output;
        }
        if outputs[0] != outputs[1] {
            return Err("two threads did not give what one gave".into());
        }
        if outputs[0] != outputs[4] {
            println!("round {round}: not as mecab: is it installed, with IPADIC in UTF-8?");
        }
    }
    let measured = times.map(|mut times| {
        times.sort_unstable_by(f64::total_cmp);
        (times[0], times[ROUNDS / 2])
    });
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
        let [one, two, split, counted, mecab] = times;
        println!("by {which}:");
        println!("  mecab / one thread: {:.3}", mecab / one);
        println!("  one thread / two threads: {:.3}", one / two);
        println!(
            "  counting and cutting / splitting: {:.3}",
            (counted - split) / split
        );
    }
    Ok(())
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
