//! Lines per second: splitting into words, on one thread and on two, with counting a vocabulary, and `mecab -Owakati`.
//!
//! `cargo bench -p jp-tokenize -- [FILE]` splits the lines of a file, or those of `tests/it/comment-like.txt` many times over. Each
//! round runs everything once, one after the other, so that what else the machine does hits all alike; medians are printed.

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jp_tokenize::{Dictionary, Tokenizer, VocabularyBuilder};

const ROUNDS: usize = 7;
const MIN_LINES: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let text = match std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"))
    {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("../tests/it/comment-like.txt").to_owned(),
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err("no lines to split".into());
    }
    let lines: Vec<&str> = lines
        .iter()
        .copied()
        .cycle()
        .take(lines.len().max(MIN_LINES))
        .collect();
    let tokenizer = Tokenizer::new(Dictionary::system()?)?;
    let mut input = tempfile::NamedTempFile::new()?;
    for line in &lines {
        writeln!(input, "{line}")?;
    }

    let mut measured: [(&str, Vec<Duration>); 4] = [
        ("one thread", Vec::new()),
        ("two threads", Vec::new()),
        ("one thread, with a vocabulary counted and cut", Vec::new()),
        ("mecab -Owakati", Vec::new()),
    ];
    for _ in 0..ROUNDS {
        let (one, words) = time(|| wakati(&tokenizer, &lines));
        let (two, _) = time(|| {
            let (left, right) = lines.split_at(lines.len() / 2);
            std::thread::scope(|scope| {
                let left = scope.spawn(|| wakati(&tokenizer, left));
                wakati(&tokenizer, right).len() + left.join().map_or(0, |words| words.len())
            })
        });
        let (counting, _) = time(|| {
            let mut worker = tokenizer.worker();
            let mut builder = VocabularyBuilder::new();
            for line in &lines {
                for token in worker.tokenize(line) {
                    builder.add(token.surface, token.part_of_speech());
                }
            }
            builder.build(Some(30_000), 1)
        });
        for ((_, times), duration) in measured.iter_mut().zip([one, two, counting]) {
            times.push(duration);
        }
        let mut mecab = Command::new("mecab");
        mecab
            .args(["-b", "1000000", "-Owakati"])
            .arg(input.path())
            .stderr(Stdio::null());
        if let (duration, Ok(output)) = time(|| mecab.output()) {
            measured[3].1.push(duration);
            let same = output.stdout == words.as_bytes();
            println!(
                "{}",
                if same {
                    "as mecab"
                } else {
                    "not as mecab: is its dictionary IPADIC?"
                }
            );
        }
    }
    for (name, times) in &mut measured {
        times.sort_unstable();
        if let Some(median) = times.get(times.len() / 2) {
            let seconds = median.as_secs_f64();
            println!(
                "{name}: {seconds:.3} s, {:.0} lines/s",
                lines.len() as f64 / seconds
            );
        }
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
