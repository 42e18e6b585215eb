//! `nico stats`: the original's tables of comment files, as text, JSON and CSV.

mod csv;
mod places;
mod report;
mod text;
mod tokens;

use std::path::PathBuf;

pub(crate) use self::report::Report;

use super::Context;
use crate::{
    comments::FitArgs,
    failure::Outcome,
    files::{print_json, print_line},
    words::DictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comment files: XML or JSON, any format.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// The video they all belong to: adds comments per frame and second, bursts and splits.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Folder that gets the tables as CSV files too: UTF-8, a header row each. Text that a spreadsheet would take for a
    /// formula gets an apostrophe in front, and so does text that begins with one.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

/// Which tables, and how.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Tables {
    /// Rows of each table.
    #[arg(long, default_value_t = 30)]
    pub(crate) top: usize,
    /// Words of the vocabulary whose cut is told; the others become the unknown word.
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    pub(crate) vocabulary: usize,
    #[command(flatten)]
    pub(crate) fit: FitArgs,
    #[command(flatten)]
    pub(crate) dictionary: DictionaryArgs,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let report = Report::of(
        &args.comments,
        args.video.as_deref(),
        &args.tables,
        context.output,
    )?;
    if let Some(folder) = &args.csv {
        csv::write(&report, folder)?;
    }
    if context.json {
        print_json(&report)
    } else {
        print_line(&report.text())
    }
}
