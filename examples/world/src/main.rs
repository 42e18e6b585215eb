//! `world`: draws the demo shows with their comments and boxes.
//!
//! Exit status: 0 done, 1 failed, 2 wrong usage.

mod progress;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use serde_json::json;
use world::{
    ColorTold, EpisodesOptions, Show, WorldOptions, WorldReport, write_episodes, write_world,
};

use crate::progress::{Output, Progress};

/// Draws the demo shows with their comments and boxes.
#[derive(Parser, Debug)]
#[command(
    name = "world",
    version,
    subcommand_negates_reqs = true,
    args_conflicts_with_subcommands = true
)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Shows no progress.
    #[arg(long)]
    quiet: bool,
    /// Prints results as JSON.
    #[arg(long)]
    json: bool,
    /// Folder that gets `cafe/` and `safari/`, each with video.mp4, comments.xml,
    /// boxes.json and lines.srt.
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
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
    /// Frames a second: 5, or a fraction such as 30000/1001. A show that is only learnt from needs
    /// few.
    #[arg(long, value_name = "N", default_value = "30000/1001", value_parser = fps)]
    fps: [u32; 2],
    /// Of the comments that name somebody while somebody is in the picture, the share that may name
    /// anybody, seen or not.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    unseen_names: f64,
    /// Characters stand small at one of five places instead of large in the middle, in pairs and in
    /// threes.
    #[arg(long)]
    scattered: bool,
    /// Everybody wears another colour in every scene, and comments tell which: what only a look at
    /// the one who is named can tell.
    #[arg(
        long,
        value_name = "WHERE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "anywhere"
    )]
    costumes: Option<Costumes>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Writes episodes of both shows with dialogue: comments answer a line, the picture, or another
    /// comment. SHOW/NN.xml, NN.srt, NN.answers.tsv (what each comment answers) and NN.scenes.tsv.
    Episodes(EpisodesArgs),
}

/// What `world episodes` is told.
#[derive(clap::Args, Debug)]
struct EpisodesArgs {
    /// Folder that gets `cafe/` and `safari/`. Episodes of an earlier call that are there go first.
    out: PathBuf,
    /// Episodes of each show.
    #[arg(long, value_name = "N", default_value_t = 4)]
    episodes: usize,
    /// Length of an episode.
    #[arg(long, default_value_t = 3.0)]
    minutes: f64,
    /// Comments of an episode.
    #[arg(long, default_value_t = 1_800)]
    comments: usize,
    /// Seed of everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws SHOW/NN.mp4 as well.
    #[arg(long)]
    videos: bool,
    /// Size of the pictures in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "640x480", value_parser = size)]
    size: [u32; 2],
    /// Frames a second: 5, or a fraction such as 30000/1001.
    #[arg(long, value_name = "N", default_value = "30000/1001", value_parser = fps)]
    fps: [u32; 2],
    /// Prints results as JSON.
    #[arg(long)]
    json: bool,
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

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("world: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    match (&args.command, &args.out) {
        (Some(Command::Episodes(episodes)), _) => run_episodes(episodes),
        (None, Some(out)) => run_world(args, out),
        (None, None) => anyhow::bail!("--out is missing"), // which clap has refused
    }
}

fn run_episodes(args: &EpisodesArgs) -> anyhow::Result<()> {
    let each = WorldOptions::default()
        .minutes(args.minutes)
        .comments(args.comments)
        .seed(args.seed)
        .size(args.size[0], args.size[1])
        .fps(args.fps[0], args.fps[1]);
    let options = EpisodesOptions::default()
        .each(each)
        .episodes(args.episodes)
        .videos(args.videos);
    let written = write_episodes(&args.out, &options)?;
    if args.json {
        let episodes = written.iter().map(|one| {
            json!({
                "comments_file": one.comments,
                "comments": one.num_comments,
                "lines": one.num_lines,
            })
        });
        print_line(&serde_json::to_string_pretty(
            &episodes.collect::<Vec<_>>(),
        )?)?;
    }
    Ok(())
}

fn run_world(args: &Args, out: &Path) -> anyhow::Result<()> {
    let options = WorldOptions::default()
        .minutes(args.minutes)
        .comments(args.comments)
        .seed(args.seed)
        .size(args.size[0], args.size[1])
        .fps(args.fps[0], args.fps[1])
        .unseen_names(args.unseen_names)
        .scattered(args.scattered)
        .costumes(args.costumes.map(Into::into));
    let drawn = Mutex::new((Progress::new(Output::new(args.quiet)), [0; Show::ALL.len()]));
    let report = write_world(out, &options, |news| {
        let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let (progress, frames) = &mut *drawn;
        for (show, done) in Show::ALL.iter().zip(frames.iter_mut()) {
            if *show == news.show {
                *done = news.frames;
            }
        }
        progress.set(frames.iter().sum(), news.num_frames * frames.len());
    })?;
    let (progress, _) = drawn.into_inner().unwrap_or_else(PoisonError::into_inner);
    progress.finish();
    if args.json {
        print_json(&report)?;
    }
    Ok(())
}

/// Prints what was drawn.
fn print_json(report: &WorldReport) -> anyhow::Result<()> {
    let shows = report.shows.iter().map(|show| {
        json!({
            "folder": show.folder,
            "frames": show.num_frames,
            "comments": show.num_comments,
        })
    });
    print_line(&serde_json::to_string_pretty(&shows.collect::<Vec<_>>())?)
}

/// Prints a line; a reader that has gone away (`| head`) is no error.
fn print_line(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
