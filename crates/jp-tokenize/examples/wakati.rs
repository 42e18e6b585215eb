//! Splits the lines of standard input into words, as `mecab -Owakati` prints them:
//! `wakati [--features] [FOLDER]`.

use std::error::Error;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::PathBuf;

use jp_tokenize::{DictionaryOptions, Tokenizer};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let features = arguments
        .iter()
        .position(|argument| argument == "--features");
    if let Some(place) = features {
        arguments.remove(place);
    }
    let folder = arguments.pop().map(PathBuf::from);

    let tokenizer = Tokenizer::new(DictionaryOptions::default().folder(folder).open()?)?;
    let mut worker = tokenizer.worker();
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        for token in worker.tokenize(&line?) {
            match features {
                None => write!(out, "{} ", token.surface)?,
                Some(_) => writeln!(out, "{}\t{}", token.surface, token.features)?,
            }
        }
        writeln!(out, "{}", if features.is_some() { "EOS" } else { "" })?;
    }
    out.flush()?;
    Ok(())
}
