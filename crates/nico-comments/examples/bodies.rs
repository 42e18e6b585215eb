//! Prints what viewers wrote, one comment a line: neither owners' comments nor deleted ones; line breaks become spaces.
//!
//! ```text
//! cargo run --release -p nico-comments --example bodies -- comments.xml log.json > bodies.txt
//! ```

use std::error::Error;
use std::io::{BufWriter, Write};

use nico_comments::{Comments, ReadOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for path in std::env::args().skip(1) {
        for comment in Comments::open(&path, ReadOptions::default())? {
            match comment {
                Ok(comment) if !comment.is_owner() && !comment.is_deleted() => {
                    writeln!(out, "{}", comment.body.replace(['\r', '\n'], " "))?;
                }
                Ok(_) => {}
                Err(error) => eprintln!("{path}: {error}"),
            }
        }
    }
    out.flush()?;
    Ok(())
}
