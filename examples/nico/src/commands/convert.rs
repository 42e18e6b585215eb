//! `nico convert`: comment files from one format to another.

#[cfg(feature = "parquet")]
mod parquet;
mod target;

use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use nico_comments::{Comment, Format, Losses, WriteOptions, write_comments, write_whole};
use overlay_render::{AssOptions, Fonts, LayoutOptions, layout, write_ass};
use serde::Serialize;

use self::target::Target;
use super::Context;
use crate::{comments::Reader, failure::Outcome, filters::FilterArgs, words::DictionaryArgs};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comment files of any format, folders of them, or - for standard input; they become one.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// File to write, or - for standard output: .xml, .json ("formatted"), .ass, .parquet, or any
    /// with --to; with --to parquet and another ending a folder of tables, partitioned by show.
    #[arg(long, value_name = "FILE|DIR")]
    out: PathBuf,
    /// Format that the files have to have. Default: any, by their contents.
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
    /// Format to write: xml, v1-json, formatted-json, bilibili-xml, ass or parquet.
    #[arg(long, value_name = "FORMAT")]
    to: Option<Target>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    tables: TableArgs,
}

/// What Parquet has beside the comments.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Parquet")]
pub(crate) struct TableArgs {
    /// The video that all comments belong to: adds the frame of each and, to a folder, a table of
    /// frames.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Adds a table of words to a folder.
    #[arg(long)]
    words: bool,
    #[command(flatten)]
    dictionary: DictionaryArgs,
}

/// What came of it, as `--json` prints it.
#[derive(Serialize)]
struct Converted {
    format: &'static str,
    comments: usize,
    /// What the format cannot hold, by field, with the comments that lose it.
    lost: BTreeMap<&'static str, u64>,
    characters_left_out: u64,
    /// What filters took away, by their names.
    taken: BTreeMap<String, u64>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let to_stdout = args.out == Path::new("-");
    let target = args.to.or_else(|| Target::by_name(&args.out));
    let target = target.context("--to says which format is written, where the name does not")?;
    if to_stdout && context.json {
        bail!("--json and --out -: only one of them can have standard output");
    }
    if !args.tables.words {
        let why = "without --words comments are written as they are";
        args.tables.dictionary.refuse(why)?;
    }
    match target {
        Target::Comments(format) => {
            args.tables.refuse()?;
            convert(args, format, to_stdout, context)
        }
        #[cfg(feature = "parquet")]
        Target::Parquet => parquet::convert(args, context),
        #[cfg(not(feature = "parquet"))]
        Target::Parquet => bail!("this program was built without Parquet"),
    }
}

impl TableArgs {
    /// Refuses what only Parquet has.
    fn refuse(&self) -> Outcome {
        if self.video.is_some() || self.words {
            bail!("--video and --words: only Parquet has frames and words (--to parquet)");
        }
        Ok(())
    }
}

fn convert(args: &Args, format: Format, to_stdout: bool, context: Context) -> Outcome {
    if !(format.is_written() || format == Format::Ass) {
        bail!(
            "--to {format}: written are xml, v1-json, formatted-json, bilibili-xml, ass and parquet"
        );
    }
    let reader = Reader::new(args.filters.reading(args.from)?, context.output);
    let comments = reader.read_all(&args.comments)?;
    if to_stdout {
        let mut out = BufWriter::new(std::io::stdout().lock());
        write(&mut out, format, &comments).context("standard output")?;
        out.flush().context("standard output")?;
    } else {
        write_whole(&args.out, |out| write(out, format, &comments))?;
    }
    let losses = Losses::of(&comments, format);
    let all = losses.comments();
    for (field, count) in losses.fields() {
        let line = format!("{format} cannot hold {field}: lost of {count} of {all} comments");
        context.output.warn(&line);
    }
    if losses.characters() > 0 {
        let left_out = losses.characters();
        let line = format!("{left_out} characters left out that {format} does not allow");
        context.output.warn(&line);
    }
    context.print_json(&Converted {
        format: format.as_str(),
        comments: comments.len(),
        lost: losses.fields().collect(),
        characters_left_out: losses.characters(),
        taken: reader.taken(),
    })
}

fn write(out: &mut dyn Write, format: Format, comments: &[Comment]) -> std::io::Result<()> {
    if format != Format::Ass {
        return write_comments(out, format, comments, &WriteOptions::default());
    }
    // Without a Japanese font lanes go by estimated widths.
    let fonts = Fonts::system().unwrap_or_else(|_| Fonts::estimated());
    let layout = layout(comments, &fonts, &LayoutOptions::default());
    write_ass(&layout, &AssOptions::default(), out)
}
