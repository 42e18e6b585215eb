//! `nico report`: what a run left in its folder, as one page for a browser.

mod pictures;

use std::path::PathBuf;

use nico_comments::write_whole;
use nico_corpus::report::{RunFolder, report_page};

use super::Context;
use crate::{comments::Skipped, failure::Outcome};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A folder of `nico run`; what `nico evaluate` left in its `evaluation/` is shown as well.
    dir: PathBuf,
    /// The page to write. Default: DIR/report.html. Its player looks for commented.mp4 beside it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most pictures of the commented video, taken where most is said.
    #[arg(long, value_name = "N", default_value_t = 6)]
    pictures: usize,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let mut skipped = Skipped::new(context.output);
    let folder = RunFolder::read(&args.dir, |error| skipped.tell(error))?;
    skipped.finish(None);
    let pictures = pictures::draw(&folder, args.pictures, context.output)?;
    let page = report_page(&folder, &pictures)?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => args.dir.join("report.html"),
    };
    write_whole(&out, |file| file.write_all(page.as_bytes()))?;
    context
        .output
        .say(&format!("report: open {} in a browser", out.display()));
    context.print_json(&serde_json::json!({"page": out, "bytes": page.len()}))
}
