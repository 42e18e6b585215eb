//! Prints the bodies of comments, each on one line: what word splitters are compared on.
//!
//! ```text
//! cargo run --release -p nico-comments --example bodies -- comments.xml log.json > bodies.txt
//! ```
//!
//! A line break in a body becomes a line of its own; NULs, which end a line for some programs, and empty lines are left out.

use std::io::Write as _;

use nico_comments::{Comments, ReadOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::env::args().skip(1) {
        // Entries that cannot be read have no body.
        for comment in Comments::open(&path, ReadOptions::default())?.flatten() {
            for line in comment.body.split(['\n', '\0']) {
                if !line.is_empty() {
                    writeln!(output, "{line}")?;
                }
            }
        }
    }
    output.flush()?;
    Ok(())
}
