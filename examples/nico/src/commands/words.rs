//! `nico words`: the words of each line, as `mecab -Owakati` prints them; with `--json` one array
//! of them a line.

use std::{
    io::{self, BufRead, BufWriter, Write},
    path::Path,
};

use jp_tokenize::Worker;
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
    let mut output = Lines {
        out: BufWriter::new(io::stdout().lock()),
        json: context.json,
        count: 0,
    };
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes);
        if read.map_err(at(Path::new("standard input")))? == 0 {
            break;
        }
        let ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
        let line = String::from_utf8_lossy(&bytes);
        if matches!(line, std::borrow::Cow::Owned(_)) {
            context.output.warn(
                "standard input is not all UTF-8: what is not became the replacement character",
            );
        }
        if written(output.write(&line, &mut worker))?.is_none() {
            return Ok(());
        }
        if !ended {
            break;
        }
    }
    written(output.finish()).map(|_| ())
}

/// Where words are written to.
struct Lines<W: Write> {
    out: W,
    json: bool,
    count: usize,
}

impl<W: Write> Lines<W> {
    /// Writes the words of a line. All lines are one JSON value: they stand in an array.
    fn write(&mut self, line: &str, worker: &mut Worker<'_>) -> io::Result<()> {
        self.count += 1;
        if self.json {
            let words: Vec<Word<'_>> = worker
                .tokenize(line)
                .map(|token| Word {
                    surface: token.surface,
                    part_of_speech: token.part_of_speech().as_str(),
                    start: token.range.start,
                    end: token.range.end,
                })
                .collect();
            self.out
                .write_all(if self.count == 1 { b"[" } else { b",\n " })?;
            return Ok(serde_json::to_writer(&mut self.out, &words)?);
        }
        for token in worker.tokenize(line) {
            write!(self.out, "{} ", token.surface)?;
        }
        writeln!(self.out)
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.json {
            writeln!(self.out, "{}", if self.count == 0 { "[]" } else { "]" })?;
        }
        self.out.flush()
    }
}

/// Whether something was written; `None` if its reader has gone away, which is no error.
fn written(result: io::Result<()>) -> Outcome<Option<()>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(None),
        other => Ok(Some(other.map_err(at(Path::new("standard output")))?)),
    }
}
