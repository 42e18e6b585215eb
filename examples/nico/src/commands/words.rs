//! `nico words`: the words of each line, as `mecab -Owakati` prints them.

use std::{
    io::{self, BufRead, BufWriter, Write},
    path::Path,
};

use serde::Serialize;

use super::Context;
use crate::{
    failure::{Outcome, at},
    words::DictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    dictionary: DictionaryArgs,
}

/// A word with `--json`.
#[derive(Serialize)]
struct Word<'a> {
    surface: &'a str,
    part_of_speech: &'a str,
    /// Where it stands in the line, bytes.
    start: usize,
    end: usize,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let tokenizer = args.dictionary.tokenizer()?;
    let mut worker = tokenizer.worker();
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes);
        if read.map_err(at(Path::new("standard input")))? == 0 {
            break;
        }
        let ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
        let line = String::from_utf8_lossy(&bytes);
        let written = if context.json {
            let words: Vec<Word<'_>> = worker
                .tokenize(&line)
                .map(|token| Word {
                    surface: token.surface,
                    part_of_speech: token.part_of_speech().as_str(),
                    start: token.range.start,
                    end: token.range.end,
                })
                .collect();
            serde_json::to_writer(&mut output, &words)?;
            writeln!(output)
        } else {
            let words = worker
                .tokenize(&line)
                .try_for_each(|token| write!(output, "{} ", token.surface));
            words.and_then(|()| writeln!(output))
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other.map_err(at(Path::new("standard output")))?,
        }
        if !ended {
            break;
        }
    }
    match output.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(at(Path::new("standard output"))),
    }
}
