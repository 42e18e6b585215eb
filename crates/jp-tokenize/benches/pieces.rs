//! The rows of pieces in the speed table: learning 8,000 pieces, and splitting into them on one
//! thread.
//!
//! `cargo bench -p jp-tokenize --bench pieces -- FILE` takes the lines of a file; without one those
//! of `tests/it/comment-like.txt`, which are few: then only splitting, of 420,000 lines, means
//! something. Printed are the best and the median of seven rounds.

use std::error::Error;
use std::time::Instant;

use jp_tokenize::{PieceOptions, Pieces};

const ROUNDS: usize = 7;
const LINES: usize = 420_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let text = match arguments.find(|argument| !argument.starts_with("--")) {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("../tests/it/comment-like.txt").to_owned(),
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err("no lines to split".into());
    }
    let start = Instant::now();
    let pieces = Pieces::learn(&lines, &PieceOptions::default())?;
    println!(
        "learning {} pieces from {} lines: {:.2} s",
        pieces.len(),
        lines.len(),
        start.elapsed().as_secs_f64()
    );

    let lines: Vec<&str> = lines.iter().copied().cycle().take(LINES).collect();
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let mut times = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..ROUNDS {
        ids.clear();
        let start = Instant::now();
        lines
            .iter()
            .for_each(|line| pieces.encode_into(line, &mut ids));
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_unstable_by(f64::total_cmp);
    let speed = |seconds: f64| bytes as f64 / seconds / 1e6;
    println!(
        "splitting on one thread: best {:.1} MB/s, median {:.1} MB/s, {:.2} bytes a piece",
        speed(times[0]),
        speed(times[ROUNDS / 2]),
        bytes as f64 / ids.len() as f64
    );
    Ok(())
}
