//! `nico comment` with a commenter: a crowd that reads what is said and what others write.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use caption_model::{Commenter, Sampling, commenter::WritingOptions};
use clap::ValueEnum;
use nico_comments::Comment;
use nico_corpus::{
    Boxes, WrittenNames,
    commenting::{RateModel, StreamCrowdOptions, write_stream_crowd},
    read_comments,
    stream::{Dialogue, Episode, EpisodePictures},
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

/// The file beside a commenter's networks that tells when comments come.
pub(super) const RATE_FILE: &str = "rate.json";

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
    /// What is seen: the folder of features of the video (`nico features VIDEO --out DIR`), by the
    /// encoder that the commenter learnt with.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Comments of others, which are read and not written again.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    read: Vec<PathBuf>,
    /// Length of the video. Default: to the last line, picture or comment that is read.
    #[arg(long, value_name = "SECONDS", required_unless_present_any = ["lines", "read", "pictures"])]
    length: Option<f64>,
    /// Who is seen where in the video, as JSON (a `boxes.json`): how many of the names are written
    /// while their character is seen is printed.
    #[arg(long, value_name = "FILE")]
    boxes: Option<PathBuf>,
    /// Comments a second, on average.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    rate: f64,
    /// When comments come: as often as they did in such moments of what was learnt from, or evenly.
    #[arg(long, value_enum, default_value_t = Timing::Learnt)]
    timing: Timing,
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

/// When comments come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Timing {
    Learnt,
    Even,
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
    /// Names written, where boxes say who is seen when.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<WrittenNames>,
    comments: Vec<Written<'a>>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    check_name(&args.out)?;
    let boxes = args.boxes.as_deref().map(Boxes::read).transpose()?;
    let writing = args.writing();
    writing.check()?;
    let commenter = Commenter::from_dir(&args.model, &args.device.device())?;
    let read = args.episode(context)?;
    if args.pictures.is_some() && commenter.config().encoder.is_none() {
        context.output.warn(&format!(
            "{} learnt without pictures: those of --pictures are not looked at",
            args.model.display()
        ));
    }
    let length_ms = args.length_ms(&read)?;
    let options = StreamCrowdOptions::new(length_ms)
        .per_second(args.rate)
        .viewers(args.viewers)
        .timing(args.timing()?)
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
    let names = boxes.map(|boxes| names(&boxes, &written));
    if let Some(names) = &names {
        context.output.say(&format!("comment: {names}"));
    }
    context.print_json(&Report {
        out: &args.out,
        names,
        comments: written.iter().map(as_written).collect(),
    })
}

fn names(boxes: &Boxes, written: &[Comment]) -> WrittenNames {
    let texts = written
        .iter()
        .map(|one| (boxes.frame_at(one.vpos.0.saturating_mul(10)), &*one.body));
    WrittenNames::new(written.len(), &boxes.naming(texts))
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

    /// What tells when comments come, beside the networks; commenters of earlier versions have none.
    fn timing(&self) -> Outcome<Option<RateModel>> {
        let path = self.model.join(RATE_FILE);
        match self.timing {
            Timing::Learnt if path.is_file() => Ok(Some(RateModel::load(&path)?)),
            _ => Ok(None),
        }
    }

    /// What is read: lines, pictures, and comments of others.
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
        let pictures = self.pictures.as_deref().map(EpisodePictures::open);
        let episode = Episode::new("video", comments, dialogue.unwrap_or_default());
        Ok(episode.with_pictures(pictures.transpose()?))
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
        let shown = (read.pictures()).and_then(|all| all.picture(all.len().checked_sub(1)?));
        lines
            .chain(comments)
            .chain(shown.map(|picture| picture.millis + 1))
            .max()
            .ok_or_else(|| anyhow!("nothing is read: --length says how long the video is"))
    }
}
