//! Learns pieces from the texts of a file, one a line, and splits what it reads from its input:
//! `pieces TEXTS OUT [SIZE]`.

use std::error::Error;
use std::io::{BufRead, Write};

use jp_tokenize::{PieceOptions, Pieces};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, out, size @ ..] = &arguments[..] else {
        return Err("usage: pieces TEXTS OUT [SIZE]".into());
    };
    let size = size.first().map_or(Ok(8_000), |size| size.parse())?;
    let texts = std::fs::read_to_string(texts)?;
    let pieces = Pieces::learn(texts.lines(), &PieceOptions::default().size(size))?;
    pieces.save(out)?;

    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let names = pieces.encode(&line?).into_iter();
        let names: Vec<_> = names.filter_map(|id| pieces.name(id)).collect();
        writeln!(output, "{}", names.join(" "))?;
    }
    Ok(())
}
