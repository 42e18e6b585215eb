//! `nico stats`: the original's tables of comment files, as text, JSON and CSV.

use std::path::{Path, PathBuf};

use nico_corpus::{CommentTables, Reading, TableOptions};

use super::Context;
use crate::{
    comments::{FitArgs, Skipped, files},
    failure::Outcome,
    filters::FilterArgs,
    progress::Output,
    source,
    words::DictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comment files of any format, or folders of them.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// The video they all belong to: adds comments per frame and second, bursts and splits.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Folder that gets the tables as CSV files too: UTF-8, a header row each. Text that a
    /// spreadsheet would take for a formula gets an apostrophe in front, and so does text that
    /// begins with one.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    filters: FilterArgs,
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
    let video = args.video.as_deref();
    let reading = args.filters.reading(None)?;
    let tables = args
        .tables
        .read(&args.comments, video, &reading, context.output)?;
    if let Some(folder) = &args.csv {
        tables.write_csv(folder)?;
    }
    context.print(&tables, || tables.text())
}

impl Tables {
    /// Reads the files and counts.
    pub(crate) fn read(
        &self,
        paths: &[PathBuf],
        video: Option<&Path>,
        reading: &Reading,
        output: Output,
    ) -> Outcome<CommentTables> {
        let paths = files(paths, output)?;
        let timeline = match video {
            Some(video) => Some(source::timeline(video, output)?),
            None => None,
        };
        let options = TableOptions::default()
            .top(self.top)
            .vocabulary(self.vocabulary)
            .fit(self.fit.times());
        let tokenizer = self.dictionary.tokenizer()?;
        let mut skipped = Skipped::new(output);
        let tell = |error| skipped.tell(error);
        let warn = |path: Option<&Path>, remark: String| match path {
            Some(path) => output.warn(&format!("{}: {remark}", path.display())),
            None => output.warn(&remark),
        };
        let timeline = timeline.as_ref();
        let tables =
            CommentTables::read(&paths, timeline, &tokenizer, &options, reading, tell, warn)?;
        skipped.finish(None);
        Ok(tables)
    }
}
