//! `nico comment`: writes comments for a video.

use std::path::PathBuf;

use anyhow::anyhow;

use caption_model::Captioner;
use frame_features::FeatureStore;
use nico_comments::Comment;
use nico_corpus::{Crowd, CrowdComment, CrowdOptions, CrowdRate, Error, FittedRate};

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
    source::SourceArgs,
};

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
    /// File that gets where the model looked before each word: a JSON object a line, for
    /// `nico render --attention`.
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
    /// How many: `data` as many as the model learnt from, `auto` the same but at most 5 a second,
    /// `fitted` more where pictures and time drew more, or a number a second.
    #[arg(long, default_value = "auto")]
    pub(crate) rate: CrowdRate,
    #[command(flatten)]
    pub(crate) decoding: DecodingArgs,
}

/// A comment that was written: its number, from 0, and how many there will be.
pub(crate) struct Wrote<'a> {
    pub(crate) number: usize,
    pub(crate) of: usize,
    pub(crate) written: &'a CrowdComment,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    let beside = args.out.as_ref().unwrap_or(&args.model);
    let store = args
        .source
        .open(&captioner, beside, &device, context.output)?;
    let fitted = FittedRate::of_model(&args.model)?;
    let options = args.writing.options(seed_of(&captioner));
    let mut clock = args.live.then(|| Clock::new(args.live_speed));
    // A bar would be drawn over by what is printed when its moment comes.
    let mut progress = clock
        .is_none()
        .then(|| context.output.start("comment", "comments", 0));
    let mut tell = |wrote: &Wrote<'_>| {
        if let Some(clock) = &mut clock {
            clock.wait_for(wrote.written.comment.vpos);
        }
        if let Some(progress) = &mut progress {
            progress.set_total(wrote.of);
            progress.set(wrote.number + 1);
        }
        print_comment(&wrote.written.comment)
    };
    let written = match attention(args) {
        #[cfg(feature = "video")]
        Some(path) => {
            if !has_attention(&captioner) {
                return Err(no_attention(&args.model));
            }
            let generate = options.generate.clone().attention(true);
            let options = options.generate(generate);
            write_looks(path, |looks| {
                write_all(&captioner, &store, fitted.as_ref(), &options, |wrote| {
                    looks.push(&captioner, wrote.written)?;
                    tell(&wrote)
                })
            })?
        }
        _ => write_all(&captioner, &store, fitted.as_ref(), &options, |wrote| {
            tell(&wrote)
        })?,
    };
    if let Some(progress) = progress {
        progress.finish();
    }
    let comments: Vec<Comment> = written.into_iter().map(|one| one.comment).collect();
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

/// Whether a model looks somewhere in particular.
#[cfg(feature = "video")]
pub(crate) fn has_attention(captioner: &Captioner) -> bool {
    let kind = &captioner.config().network.captioner;
    matches!(kind, caption_model::CaptionerConfig::Attention(_))
}

/// What to say of a model that has no attention to show.
#[cfg(feature = "video")]
pub(crate) fn no_attention(model: &std::path::Path) -> anyhow::Error {
    anyhow!(
        "{}: this model sees a picture as a whole and looks nowhere in particular; train one with --model attention on conv5_3 features",
        model.display()
    )
}

/// Writes comments for a video in order of time, and prints them as they come.
#[cfg(feature = "video")]
pub(crate) fn write(
    captioner: &Captioner,
    store: &FeatureStore,
    options: &CrowdOptions,
    context: Context,
) -> Outcome<Vec<CrowdComment>> {
    let mut progress = context.output.start("comment", "comments", 0);
    let comments = write_all(captioner, store, None, options, |wrote| {
        progress.set_total(wrote.of);
        progress.set(wrote.number + 1);
        print_comment(&wrote.written.comment)
    })?;
    progress.finish();
    Ok(comments)
}

/// Writes comments for a video in order of time, and calls `tell` with each.
pub(crate) fn write_all(
    captioner: &Captioner,
    store: &FeatureStore,
    fitted: Option<&FittedRate>,
    options: &CrowdOptions,
    mut tell: impl FnMut(Wrote<'_>) -> Outcome,
) -> Outcome<Vec<CrowdComment>> {
    let crowd = match Crowd::new(captioner, store, fitted, options) {
        Err(error @ Error::NoFittedRate) => {
            return Err(anyhow!("{error}: `nico rate` fits one"));
        }
        crowd => crowd?,
    };
    let mut comments = Vec::with_capacity(crowd.len());
    for (number, written) in crowd.write()?.enumerate() {
        let written = written?;
        tell(Wrote {
            number,
            of: crowd.len(),
            written: &written,
        })?;
        comments.push(written);
    }
    Ok(comments)
}

impl WritingArgs {
    /// How comments are written by a model of this seed.
    pub(crate) fn options(&self, model_seed: u64) -> CrowdOptions {
        CrowdOptions::default()
            .rate(self.rate)
            .generate(self.decoding.options(model_seed))
            .seed(self.decoding.seed(model_seed))
    }
}

/// The seed that a model was trained with; models that do not say have 1.
pub(crate) fn seed_of(captioner: &Captioner) -> u64 {
    let training = &captioner.config().training;
    training
        .get("seed")
        .and_then(|seed| seed.as_u64())
        .unwrap_or(1)
}

fn print_comment(comment: &Comment) -> Outcome {
    print_line(&format!("{} {}", comment.vpos, comment.body))
}
