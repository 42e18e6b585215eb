//! `nico comment` with a commenter: a crowd that reads what is said and what others write.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use caption_model::{Commenter, Sampling, commenter::WritingOptions};
use nico_comments::Comment;
use nico_corpus::{
    commenting::{StreamCrowdOptions, write_stream_crowd},
    read_comments,
    stream::{Dialogue, Episode},
};
use serde::Serialize;

use super::Context;
use crate::{
    comments::{Skipped, files},
    device::DeviceName,
    export::{check_name, write_comments},
    failure::Outcome,
    files::print_line,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The commenter, made by `nico train --model commenter`.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// File to write: .xml, .json or .ass.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What is said: .srt, .vtt or .ass.
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// Comments of others, which are read and not written again.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    read: Vec<PathBuf>,
    /// Length of the video. Default: to the last line or comment that is read.
    #[arg(long, value_name = "SECONDS", required_unless_present_any = ["lines", "read"])]
    length: Option<f64>,
    /// Comments a second, on average.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    rate: f64,
    /// Viewers who write; each remembers what they wrote.
    #[arg(long, value_name = "N", default_value_t = 40)]
    viewers: u32,
    /// Drafts of a comment, of which the one is taken that fits best.
    #[arg(long, value_name = "N", default_value_t = 12)]
    drafts: usize,
    /// Below 1 probable pieces come more often, above 1 less.
    #[arg(long, value_name = "T", default_value_t = 0.9)]
    temperature: f32,
    /// Only the N most probable pieces.
    #[arg(long, value_name = "N")]
    top_k: Option<usize>,
    /// Only the most probable pieces that together have this probability.
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    top_p: f32,
    /// Most pieces of a comment, 1 to 62.
    #[arg(long, value_name = "N", default_value_t = 24)]
    max_pieces: usize,
    /// Seed of what is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    writing_seed: u64,
    /// Where the networks run.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// A comment as results list it.
#[derive(Serialize)]
struct Written<'a> {
    seconds: f64,
    body: &'a str,
    viewer: Option<&'a str>,
    commands: String,
}

/// What the command came to.
#[derive(Serialize)]
struct Report<'a> {
    out: &'a PathBuf,
    comments: Vec<Written<'a>>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    check_name(&args.out)?;
    let writing = args.writing();
    writing.check()?;
    let commenter = Commenter::from_dir(&args.model, &args.device.device())?;
    let read = args.episode(context)?;
    let length_ms = args.length_ms(&read)?;
    let options = StreamCrowdOptions::new(length_ms)
        .per_second(args.rate)
        .viewers(args.viewers)
        .writing(writing)
        .seed(args.writing_seed);
    let written = write_stream_crowd(&commenter, &read, &options, |comment| -> Outcome {
        if context.json {
            return Ok(());
        }
        print_line(&format!("{} {}", comment.vpos, comment.body))
    })?;
    if written.is_empty() {
        context.output.warn(&format!(
            "comment: no comment was written for {:.0} s at {} a second",
            length_ms as f64 / 1_000.0,
            args.rate
        ));
    }
    write_comments(&args.out, &written)?;
    context.print_json(&Report {
        out: &args.out,
        comments: written.iter().map(as_written).collect(),
    })
}

fn as_written(comment: &Comment) -> Written<'_> {
    let commands: Vec<&str> = comment.mail.words().collect();
    Written {
        seconds: comment.vpos.as_secs_f64(),
        body: &comment.body,
        viewer: comment.user.as_deref(),
        commands: commands.join(" "),
    }
}

impl Args {
    fn writing(&self) -> WritingOptions {
        let sampling = Sampling::default()
            .temperature(self.temperature)
            .top_k(self.top_k)
            .top_p(self.top_p);
        WritingOptions::default()
            .drafts(self.drafts)
            .sampling(sampling)
            .max_pieces(self.max_pieces)
            .seed(self.writing_seed)
    }

    /// What is read: lines, and comments of others.
    fn episode(&self, context: Context) -> Outcome<Episode> {
        let dialogue = self.lines.as_deref().map(Dialogue::read).transpose()?;
        let mut comments = Vec::new();
        let mut skipped = Skipped::new(context.output);
        for path in files(&self.read, context.output)? {
            read_comments(
                &path,
                |error| skipped.tell(error),
                |comment| -> Outcome {
                    comments.push(comment);
                    Ok(())
                },
            )?;
        }
        skipped.finish(None);
        Ok(Episode::new(
            "video",
            comments,
            dialogue.unwrap_or_default(),
        ))
    }

    fn length_ms(&self, read: &Episode) -> Outcome<i64> {
        if let Some(seconds) = self.length {
            if !(seconds > 0.0 && seconds < 1e6) {
                bail!("--length is {seconds}, expected seconds above 0 and below a million");
            }
            #[expect(clippy::cast_possible_truncation, reason = "it is below a million")]
            return Ok((seconds * 1_000.0) as i64);
        }
        let lines = read.dialogue().lines().iter().map(|line| line.end_ms);
        let comments = read.comments().map(|comment| comment.millis + 1);
        lines
            .chain(comments)
            .max()
            .ok_or_else(|| anyhow!("nothing is read: --length says how long the video is"))
    }
}
