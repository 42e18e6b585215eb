//! Prints the bodies of comments, line by line: what word splitters are compared on.
//!
//! ```text
//! cargo run --release -p nico-comments --example bodies -- comments.xml log.json > bodies.txt
//! cargo run --release -p nico-comments --example bodies -- --viewers comments.xml > comments.txt
//! ```
//!
//! A line break in a body becomes a line of its own; NULs, which end a line for some programs, and
//! empty lines are left out. With `--viewers` each comment is one line, with a space for a line
//! break, and those of owners and deleted ones are left out.

use std::error::Error;
use std::io::Write as _;

use nico_comments::{Comments, ReadOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<_> = std::env::args().skip(1).collect();
    let viewers = paths.first().is_some_and(|first| first == "--viewers");
    paths.drain(..usize::from(viewers));
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for path in paths {
        for comment in Comments::open(&path, ReadOptions::default())? {
            match comment {
                Ok(comment) if viewers => {
                    if !comment.is_owner() && !comment.is_deleted() {
                        writeln!(output, "{}", comment.body.replace(['\r', '\n'], " "))?;
                    }
                }
                Ok(comment) => {
                    let lines = comment.body.split(['\n', '\0']);
                    lines
                        .filter(|line| !line.is_empty())
                        .try_for_each(|line| writeln!(output, "{line}"))?;
                }
                Err(error) => eprintln!("{path}: {error}"),
            }
        }
    }
    output.flush()?;
    Ok(())
}
