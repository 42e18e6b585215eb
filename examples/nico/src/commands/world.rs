//! `nico world`: the demo shows with their comments and boxes.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde_json::json;
use world::{ColorTold, Show, WorldOptions, write_world};

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
    /// Size of the pictures in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "640x480", value_parser = size)]
    size: [u32; 2],
    /// Frames a second: 5, or a fraction such as 30000/1001. A show that is only learnt from needs few.
    #[arg(long, value_name = "N", default_value = "30000/1001", value_parser = fps)]
    fps: [u32; 2],
    /// Of the comments that name somebody while somebody is in the picture, the share that may name anybody, seen or not.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    unseen_names: f64,
    /// Characters stand small at one of five places instead of large in the middle, in pairs and in threes.
    #[arg(long)]
    scattered: bool,
    /// Everybody wears another colour in every scene, and comments tell which: what only a look at the one who is named can tell.
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "anywhere")]
    costumes: Option<Costumes>,
}

/// Where comments tell a colour.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Costumes {
    /// Before the name or after it.
    Anywhere,
    /// Before the name alone: a look can tell who will be named.
    Before,
}

impl From<Costumes> for ColorTold {
    fn from(costumes: Costumes) -> Self {
        match costumes {
            Costumes::Anywhere => Self::Anywhere,
            Costumes::Before => Self::BeforeName,
        }
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    pair(text, 'x').ok_or_else(|| "expected a width and a height such as 640x480".into())
}

fn fps(text: &str) -> Result<[u32; 2], String> {
    pair(text, '/')
        .or_else(|| Some([text.parse().ok()?, 1]))
        .ok_or_else(|| "expected a number or a fraction such as 30000/1001".into())
}

fn pair(text: &str, between: char) -> Option<[u32; 2]> {
    let (one, other) = text.split_once(between)?;
    Some([one.parse().ok()?, other.parse().ok()?])
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let options = WorldOptions::default()
        .minutes(args.minutes)
        .comments(args.comments)
        .seed(args.seed)
        .size(args.size[0], args.size[1])
        .fps(args.fps[0], args.fps[1])
        .unseen_names(args.unseen_names)
        .scattered(args.scattered)
        .costumes(args.costumes.map(Into::into));
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
