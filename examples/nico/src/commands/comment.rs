//! `nico comment`: writes comments for a video.

use std::{path::PathBuf, str::FromStr};

use caption_model::{Captioner, CommentRate, GenerateOptions};
use frame_features::FeatureStore;
use nico_comments::{Comment, Vpos};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Context;
use crate::{
    device::DeviceName,
    export::write_comments,
    failure::Outcome,
    files::print_line,
    source::{SourceArgs, rows_timeline},
};

/// When generated comments say they were posted, in unix seconds: players show comments from before July 2017 the way
/// the Flash player did.
const POSTED_AT: i64 = 1_500_000_000;

/// More comments a second than this are hard to watch: the most that `auto` writes.
const WATCHABLE: f64 = 5.0;

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The model, made by `nico train`.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// File to write: .xml, .json or .ass.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    writing: WritingArgs,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How comments are written: shared by `comment` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct WritingArgs {
    /// How many: `data` as many as the model learnt from, `auto` the same but at most 5 a second, or a number a second.
    #[arg(long, default_value = "auto")]
    pub(crate) rate: Rate,
    /// Most words of a comment.
    #[arg(long, default_value_t = 30)]
    pub(crate) max_words: usize,
}

/// How many comments are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rate {
    /// As in the training data, the original's rule.
    Data,
    /// As in the training data, but no more than can be watched.
    Auto,
    /// So many a second on average.
    PerSecond(f64),
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "data" => Ok(Self::Data),
            "auto" => Ok(Self::Auto),
            number => match number.parse() {
                Ok(rate) if (0.0..=1_000.0).contains(&rate) => Ok(Self::PerSecond(rate)),
                _ => Err("expected data, auto or a number of comments a second, 0 to 1000".into()),
            },
        }
    }
}

impl Rate {
    /// How often each drawn comment is taken.
    fn factor(self, data: &CommentRate) -> f64 {
        let in_data = data.per_second();
        match self {
            Self::Data => 1.0,
            Self::Auto => (WATCHABLE / in_data.max(1e-9)).min(1.0),
            Self::PerSecond(rate) => rate / in_data.max(1e-9),
        }
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    let store = args.source.open(
        &captioner.config().encoder,
        &args.out,
        &device,
        context.output,
    )?;
    let written = write(
        &captioner,
        &store,
        &args.writing,
        captioner.config().training.seed,
        context,
    )?;
    let comments: Vec<Comment> = written.into_iter().map(|(_, comment)| comment).collect();
    write_comments(&args.out, &comments)
}

/// Writes comments for all frames of a store, each with the index of its frame, in order of time, and prints them as they
/// come.
pub(crate) fn write(
    captioner: &Captioner,
    store: &FeatureStore,
    args: &WritingArgs,
    seed: u64,
    context: Context,
) -> Outcome<Vec<(usize, Comment)>> {
    let mut progress = context.output.start("comment", "comments", 0);
    let comments = write_all(captioner, store, args, seed, |number, of, comment| {
        progress.set_total(of);
        progress.set(number + 1);
        print_line(&format!("{} {}", clock(comment.vpos), comment.body))
    })?;
    progress.finish();
    Ok(comments)
}

/// As [`write()`], calling `tell` with each comment's number, how many there will be, and the comment.
pub(crate) fn write_all(
    captioner: &Captioner,
    store: &FeatureStore,
    args: &WritingArgs,
    seed: u64,
    mut tell: impl FnMut(usize, usize, &Comment) -> Outcome,
) -> Outcome<Vec<(usize, Comment)>> {
    let moments = draw_moments(captioner.rate(), store, args.rate, seed)?;
    let rows: Vec<usize> = moments.iter().map(|moment| moment.row).collect();
    let options = GenerateOptions::default()
        .max_words(args.max_words)
        .seed(seed);
    let mut comments = Vec::with_capacity(rows.len());
    for (number, generated) in captioner.generate(store, &rows, &options)?.enumerate() {
        let text = captioner.text(&generated?);
        let moment = &moments[number];
        let comment = comment(number, moment.vpos, text);
        tell(number, rows.len(), &comment)?;
        comments.push((moment.frame, comment));
    }
    Ok(comments)
}

/// A frame that gets a comment.
struct Moment {
    frame: usize,
    row: usize,
    vpos: Vpos,
}

/// Draws how many comments each moment gets: a draw for each frame's time of the video the model learnt from, so that a
/// target with another frame rate gets as many a second.
fn draw_moments(
    rate: &CommentRate,
    store: &FeatureStore,
    choice: Rate,
    seed: u64,
) -> Outcome<Vec<Moment>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let factor = choice.factor(rate);
    let timeline = rows_timeline(store)?;
    let draws = store.info().duration * rate.frame_rate();
    let mut moments = Vec::new();
    let mut draw = 0.0;
    while draw < draws {
        let vpos = Vpos::from_secs_f64(draw / rate.frame_rate());
        let row = timeline.frame_at(vpos);
        for _ in 0..rate.draw_scaled(factor, &mut rng) {
            moments.push(Moment {
                frame: store.info().frames[row],
                row,
                vpos,
            });
        }
        draw += 1.0;
    }
    Ok(moments)
}

fn comment(number: usize, vpos: Vpos, text: String) -> Comment {
    let no = i64::try_from(number).unwrap_or(i64::MAX - 1) + 1;
    Comment::new(vpos, text)
        .with_no(no)
        .with_thread("1")
        .with_date(POSTED_AT + vpos.0.div_euclid(100))
        .with_mail("184")
        .with_user("generated")
        .with_anonymous(true)
}

/// A time of the video as a viewer reads it: minutes, seconds, hundredths.
fn clock(vpos: Vpos) -> String {
    let hundredths = vpos.0.max(0);
    let seconds = hundredths / 100;
    format!(
        "{}:{:02}.{:02}",
        seconds / 60,
        seconds % 60,
        hundredths % 100
    )
}
