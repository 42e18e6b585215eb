//! `nico comment`: writes comments for a video.

use std::path::PathBuf;

use caption_model::{Captioner, Generated};
use frame_features::FeatureStore;
use nico_comments::{Comment, Vpos};

use super::Context;
#[cfg(feature = "video")]
use crate::looks::write_looks;
use crate::{
    decoding::DecodingArgs,
    device::DeviceName,
    export::write_comments,
    failure::Outcome,
    files::print_line,
    live::{Clock, speed},
    moments::{Rate, draw_moments},
    source::SourceArgs,
};

/// When generated comments say they were posted, in unix seconds: players show comments from before July 2017 the way
/// the Flash player did.
const POSTED_AT: i64 = 1_500_000_000;

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The model, made by `nico train`.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// File to write: .xml, .json or .ass.
    #[arg(long, value_name = "FILE", required_unless_present = "live")]
    out: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingArgs,
    /// Plays the video's clock: prints each comment when its moment comes.
    #[arg(long)]
    live: bool,
    /// How fast the clock of --live runs: 2 is twice as fast as the video.
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    live_speed: f64,
    /// File that gets where the model looked before each word: a JSON object a line, for `nico render --attention`.
    #[cfg(feature = "video")]
    #[arg(long, value_name = "FILE", requires = "out")]
    attention: Option<PathBuf>,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How comments are written: shared by `comment` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct WritingArgs {
    /// How many: `data` as many as the model learnt from, `auto` the same but at most 5 a second, `fitted` more where pictures and time
    /// drew more, or a number a second.
    #[arg(long, default_value = "auto")]
    pub(crate) rate: Rate,
    #[command(flatten)]
    pub(crate) decoding: DecodingArgs,
}

/// A comment that was written, and where it belongs.
pub(crate) struct Wrote<'a> {
    /// Its number, from 0, and how many there will be.
    pub(crate) number: usize,
    pub(crate) of: usize,
    pub(crate) comment: &'a Comment,
    #[cfg_attr(
        not(feature = "video"),
        expect(dead_code, reason = "for pictures of attention")
    )]
    pub(crate) generated: &'a Generated,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    let beside = args.out.as_ref().unwrap_or(&args.model);
    let store = args
        .source
        .open(&captioner, beside, &device, context.output)?;
    let seed = captioner.config().training.seed;
    let mut clock = args.live.then(|| Clock::new(args.live_speed));
    // A bar would be drawn over by what is printed when its moment comes.
    let mut progress = clock
        .is_none()
        .then(|| context.output.start("comment", "comments", 0));
    let mut tell = |wrote: &Wrote<'_>| {
        if let Some(clock) = &mut clock {
            clock.wait_for(wrote.comment.vpos);
        }
        if let Some(progress) = &mut progress {
            progress.set_total(wrote.of);
            progress.set(wrote.number + 1);
        }
        print_comment(wrote.comment)
    };
    let written = match attention(args) {
        #[cfg(feature = "video")]
        Some(path) => {
            if captioner.config().network.feature_shape_rank() != 2 {
                return Err(no_attention(&args.model));
            }
            write_looks(path, |looks| {
                write_all(&captioner, &store, &args.writing, seed, true, |wrote| {
                    looks.push(&captioner, &wrote)?;
                    tell(&wrote)
                })
            })?
        }
        _ => write_all(&captioner, &store, &args.writing, seed, false, |wrote| {
            tell(&wrote)
        })?,
    };
    if let Some(progress) = progress {
        progress.finish();
    }
    let comments: Vec<Comment> = written.into_iter().map(|(_, comment)| comment).collect();
    match &args.out {
        Some(out) => write_comments(out, &comments),
        None => Ok(()),
    }
}

#[cfg(feature = "video")]
fn attention(args: &Args) -> Option<&PathBuf> {
    args.attention.as_ref()
}

#[cfg(not(feature = "video"))]
fn attention(_: &Args) -> Option<&PathBuf> {
    None
}

/// What to say of a model that has no attention to show.
#[cfg(feature = "video")]
pub(crate) fn no_attention(model: &std::path::Path) -> crate::failure::Failure {
    crate::failure::Failure::new(format!(
        "{}: this model sees a picture as a whole and looks nowhere in particular; train one with --model attention on conv5_3 features",
        model.display()
    ))
}

/// Writes comments for all frames of a store, each with the index of its frame, in order of time, and prints them as they
/// come.
#[cfg(feature = "video")]
pub(crate) fn write(
    captioner: &Captioner,
    store: &FeatureStore,
    args: &WritingArgs,
    seed: u64,
    context: Context,
) -> Outcome<Vec<(usize, Comment)>> {
    let mut progress = context.output.start("comment", "comments", 0);
    let comments = write_all(captioner, store, args, seed, false, |wrote| {
        progress.set_total(wrote.of);
        progress.set(wrote.number + 1);
        print_comment(wrote.comment)
    })?;
    progress.finish();
    Ok(comments)
}

/// Writes comments for all frames of a store, each with the index of its frame, in order of time, and calls `tell` with each; `seed` is
/// the model's, `attention` says whether where it looked is wanted.
pub(crate) fn write_all(
    captioner: &Captioner,
    store: &FeatureStore,
    args: &WritingArgs,
    seed: u64,
    attention: bool,
    mut tell: impl FnMut(Wrote<'_>) -> Outcome,
) -> Outcome<Vec<(usize, Comment)>> {
    let options = args.decoding.options(seed).attention(attention);
    let moments = draw_moments(captioner, store, args.rate, args.decoding.seed(seed))?;
    let rows: Vec<usize> = moments.iter().map(|moment| moment.row).collect();
    let mut comments = Vec::with_capacity(rows.len());
    for (number, generated) in captioner.generate(store, &rows, &options)?.enumerate() {
        let generated = generated?;
        let moment = &moments[number];
        let comment = comment(number, moment.vpos, captioner.text(&generated));
        tell(Wrote {
            number,
            of: rows.len(),
            comment: &comment,
            generated: &generated,
        })?;
        comments.push((moment.frame, comment));
    }
    Ok(comments)
}

fn comment(number: usize, vpos: Vpos, text: String) -> Comment {
    let no = i64::try_from(number).unwrap_or(i64::MAX - 1) + 1;
    Comment::new(vpos, text)
        .no(no)
        .thread("1")
        .date(POSTED_AT + vpos.0.div_euclid(100))
        .mail("184")
        .user("generated")
        .anonymous(true)
}

fn print_comment(comment: &Comment) -> Outcome {
    print_line(&format!("{} {}", clock(comment.vpos), comment.body))
}

/// A time of the video as a viewer reads it: minutes, seconds, hundredths.
pub(crate) fn clock(vpos: Vpos) -> String {
    let hundredths = vpos.0.max(0);
    let seconds = hundredths / 100;
    format!(
        "{}:{:02}.{:02}",
        seconds / 60,
        seconds % 60,
        hundredths % 100
    )
}
