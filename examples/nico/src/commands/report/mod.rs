//! `nico report`: what a run left in its folder, as one page for a browser.

mod pictures;
mod player;

use std::path::PathBuf;

use nico_comments::{Comment, write_whole};
use nico_corpus::{
    Reading,
    report::{RunFolder, report_page},
};

use super::Context;
use crate::{
    comments::{Reader, Skipped},
    failure::Outcome,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A folder of `nico run`; what `nico evaluate` left in its `evaluation/` is shown as well.
    dir: PathBuf,
    /// The page to write. Default: DIR/report.html. It looks for commented.mp4 beside it, and for the
    /// video where it is now.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most pictures of the commented video, taken where most is said.
    #[arg(long, value_name = "N", default_value_t = 6)]
    pictures: usize,
    /// Real comments of the video that was commented on, which the page shows over it as well: files
    /// of any format, or folders of them. Default: those learnt from, where it is the same video.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    comments: Vec<PathBuf>,
    /// The folder of the player that draws comments in the page (scripts/build-player.sh). Default:
    /// `player` beside the program's folder.
    #[arg(long, value_name = "FOLDER")]
    player: Option<PathBuf>,
    /// Font file to use before those of the system; may be given several times.
    #[arg(long, value_name = "FILE")]
    font: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let mut skipped = Skipped::new(context.output);
    let folder = RunFolder::read(&args.dir, |error| skipped.tell(error))?;
    skipped.finish(None);
    let out = match &args.out {
        Some(out) => out.clone(),
        None => args.dir.join("report.html"),
    };
    let parts = player::find(args.player.as_deref())?;
    let player = match &parts {
        Some(parts) => {
            let real = real_comments(args, &folder, context)?;
            player::player(parts, &folder, &real, &args.font, &out, context.output)?
        }
        None => None,
    };
    let pictures = pictures::draw(&folder, args.pictures, context.output)?;
    let page = report_page(&folder, &pictures, player.as_ref())?;
    write_whole(&out, |file| file.write_all(page.as_bytes()))?;
    context
        .output
        .say(&format!("report: open {} in a browser", out.display()));
    if parts.is_none() {
        context.output.say(
            "report: it shows commented.mp4 alone; with the player of scripts/build-player.sh it draws comments over the video",
        );
    }
    context.print_json(&serde_json::json!({
        "page": out,
        "bytes": page.len(),
        "player": player.is_some(),
    }))
}

/// The real comments of the video that was commented on.
fn real_comments(args: &Args, folder: &RunFolder, context: Context) -> Outcome<Vec<Comment>> {
    let reader = Reader::new(Reading::default(), context.output);
    if !args.comments.is_empty() {
        return reader.read_all(&args.comments);
    }
    let summary = folder.summary.as_ref();
    match summary.filter(|summary| summary.target == summary.video) {
        Some(summary) if summary.comments.iter().all(|path| path.exists()) => {
            reader.read_all(&summary.comments)
        }
        _ => Ok(Vec::new()),
    }
}
