//! `nico world`: the demo shows with their comments and boxes.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde_json::json;
use world::{Show, WorldOptions, write_world};

use super::Context;
use crate::{failure::Outcome, files::print_json};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder that gets `cafe/` and `safari/`, each with video.mp4, comments.xml and boxes.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Length of a show.
    #[arg(long, default_value_t = 1.5)]
    minutes: f64,
    /// Comments of a show.
    #[arg(long, default_value_t = 9_000)]
    comments: usize,
    /// Seed of shows and comments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let options = WorldOptions::default()
        .minutes(args.minutes)
        .comments(args.comments)
        .seed(args.seed);
    let progress = Mutex::new((
        context.output.start("world", "frames", 0),
        [0; Show::ALL.len()],
    ));
    let report = write_world(&args.out, &options, |drawn| {
        let mut told = progress.lock().unwrap_or_else(PoisonError::into_inner);
        let (bar, frames) = &mut *told;
        for (show, done) in Show::ALL.iter().zip(frames.iter_mut()) {
            if *show == drawn.show {
                *done = drawn.frames;
            }
        }
        bar.set_total(drawn.num_frames * frames.len());
        bar.set(frames.iter().sum());
    })?;
    progress
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .0
        .finish();
    let shows: Vec<_> = report
        .shows
        .iter()
        .map(|show| {
            json!({
                "folder": show.folder,
                "frames": show.num_frames,
                "comments": show.num_comments,
            })
        })
        .collect();
    if context.json {
        print_json(&shows)?;
    }
    Ok(())
}
