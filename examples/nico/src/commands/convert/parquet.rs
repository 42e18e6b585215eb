//! Parquet: one file of comments, or a folder of tables.

use std::{
    collections::BTreeMap,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use nico_comments::{ParquetOptions, ParquetWriter, Timeline, WholeFile};
use nico_corpus::{ParquetFolderOptions, VideoPlace, write_parquet_folder};
use serde::Serialize;

use super::{Args, Context};
use crate::{
    comments::{Reader, Skipped, files},
    failure::Outcome,
    files::ending,
    source,
};

/// What came of it, as `--json` prints it.
#[derive(Serialize)]
struct Written {
    format: &'static str,
    files: usize,
    comments: u64,
    /// Partitions of a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    shows: Option<usize>,
    /// Rows of the table of words, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<u64>,
    /// What Parquet cannot hold, by field, with the comments that lose it.
    lost: BTreeMap<&'static str, u64>,
    /// What filters took away, by their names.
    taken: BTreeMap<String, u64>,
}

pub(super) fn convert(args: &Args, context: Context) -> Outcome {
    let paths = files(&args.comments, context.output)?;
    if i32::try_from(paths.len()).is_err() {
        bail!(
            "{} files: Parquet's tables number 2,147,483,647",
            paths.len()
        );
    }
    let to_stdout = args.out == Path::new("-");
    let to_file = ending(&args.out).is_some_and(|ending| ending == "parquet");
    if args.tables.words && (to_stdout || to_file) {
        bail!(
            "--words: only a folder has a table of words (--to parquet, and a name that does not end with .parquet)"
        );
    }
    let timeline = match &args.tables.video {
        Some(video) => Some(source::timeline(video, context.output)?),
        None => None,
    };
    let written = if to_stdout {
        // What is locked is not `Send`.
        let out = BufWriter::new(io::stdout());
        let (mut out, written) = write(out, args, &paths, timeline, context)?;
        out.flush().context("standard output")?;
        written
    } else if to_file {
        let out = WholeFile::create(&args.out)?;
        let (out, written) = write(out, args, &paths, timeline, context)?;
        out.commit()?;
        written
    } else {
        write_folder(args, &paths, timeline.as_ref(), context)?
    };
    if let Some(dates) = written.lost.get("date") {
        let all = written.comments;
        context.output.warn(&format!(
            "parquet cannot hold date: lost of {dates} of {all} comments"
        ));
    }
    context.print_json(&written)
}

/// Writes one file of comments.
fn write<W: Write + Send>(
    out: W,
    args: &Args,
    paths: &[PathBuf],
    timeline: Option<Timeline>,
    context: Context,
) -> Outcome<(W, Written)> {
    let reader = Reader::new(args.filters.reading(args.from)?, context.output);
    let place = || args.out.display().to_string();
    let options = ParquetOptions::default().timeline(timeline);
    let mut writer = ParquetWriter::new(out, options).with_context(place)?;
    for (number, path) in (0..).zip(paths) {
        let video = VideoPlace::of(path);
        writer.begin_file(number, video.show.as_deref(), video.episode.as_deref());
        reader.read_each(path, |comment| writer.write(&comment).with_context(place))?;
    }
    reader.tell();
    let written = Written {
        format: "parquet",
        files: paths.len(),
        comments: writer.num_comments(),
        shows: None,
        words: None,
        lost: lost(writer.dates_lost()),
        taken: reader.taken(),
    };
    Ok((writer.finish().with_context(place)?, written))
}

/// Writes a folder of tables.
fn write_folder(
    args: &Args,
    paths: &[PathBuf],
    timeline: Option<&Timeline>,
    context: Context,
) -> Outcome<Written> {
    if paths.iter().any(|path| path == Path::new("-")) {
        bail!(
            "-: standard input becomes one file of Parquet, {} would be a folder",
            args.out.display()
        );
    }
    let reading = args.filters.reading(args.from)?;
    let tokenizer = match args.tables.words {
        true => Some(args.tables.dictionary.tokenizer()?),
        false => None,
    };
    let options = ParquetFolderOptions::default()
        .tokenizer(tokenizer.as_ref())
        .timeline(timeline);
    let mut skipped = Skipped::new(context.output);
    let report = write_parquet_folder(
        &args.out,
        paths,
        options,
        &reading,
        |error| skipped.tell(error),
        |path, text| context.output.warn(&format!("{}: {text}", path.display())),
    )?;
    skipped.finish(None);
    let tally = reading.filters().tally();
    if !tally.is_empty() {
        context.output.say(&reading.filters().to_string());
    }
    Ok(Written {
        format: "parquet",
        files: report.files,
        comments: report.comments,
        shows: Some(report.shows),
        words: args.tables.words.then_some(report.words),
        lost: lost(report.dates_lost),
        taken: tally.into_iter().map(|one| (one.name, one.taken)).collect(),
    })
}

fn lost(dates: u64) -> BTreeMap<&'static str, u64> {
    (dates > 0).then_some(("date", dates)).into_iter().collect()
}
