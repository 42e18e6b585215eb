//! `nico comment`: writes comments for a video.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use caption_model::Captioner;
use frame_features::FeatureStore;
use nico_comments::Comment;
use nico_corpus::{
    Crowd, CrowdComment, CrowdOptions, CrowdRate, Error, FittedRate, WrittenComment,
};
use serde::Serialize;

use super::Context;
#[cfg(feature = "video")]
use crate::word_maps::write_maps;
use crate::{
    decoding::DecodingArgs,
    device::DeviceName,
    export::{check_name, write_comments},
    failure::Outcome,
    files::print_line,
    live::{Clock, speed},
    progress::Output,
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
    /// `fitted` more where pictures and time drew more (with the rate of `nico rate`, so not in a
    /// `run`), or a number a second.
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

/// What the command came to.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a Path,
    video: &'a Path,
    /// The file that holds them too.
    out: Option<&'a Path>,
    comments: Vec<WrittenComment>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let output = context.output;
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    let fitted = FittedRate::of_model(&args.model)?;
    let options = args.writing.options(seed_of(&captioner));
    args.check(&captioner, fitted.as_ref(), &options)?; // before the first frame is decoded
    let beside = args.out.as_ref().unwrap_or(&args.model);
    let store = args.source.open(&captioner, beside, &device, output)?;
    let mut clock = args.live.then(|| Clock::new(args.live_speed));
    // A bar would be drawn over by what is printed when its moment comes.
    let mut progress = clock
        .is_none()
        .then(|| output.start("comment", "comments", 0));
    let mut tell = |wrote: &Wrote<'_>| {
        if let Some(clock) = &mut clock {
            clock.wait_for(wrote.written.comment.vpos);
        }
        if let Some(progress) = &mut progress {
            progress.set_total(wrote.of);
            progress.set(wrote.number + 1);
        }
        print_comment(&wrote.written.comment, context)
    };
    let written = match attention(args) {
        #[cfg(feature = "video")]
        Some(path) => {
            let generate = options.generate.clone().attention(true);
            let options = options.generate(generate);
            write_maps(path, |maps| {
                write_all(
                    &captioner,
                    &store,
                    fitted.as_ref(),
                    &options,
                    output,
                    |wrote| {
                        maps.push(&captioner, wrote.written)?;
                        tell(&wrote)
                    },
                )
            })?
        }
        _ => write_all(
            &captioner,
            &store,
            fitted.as_ref(),
            &options,
            output,
            |wrote| tell(&wrote),
        )?,
    };
    if let Some(progress) = progress {
        progress.finish();
    }
    let comments: Vec<Comment> = written.iter().map(|one| one.comment.clone()).collect();
    if let Some(out) = &args.out {
        write_comments(out, &comments)?;
    }
    context.print_json(&Report {
        model: &args.model,
        video: &store.info().plan.video.path,
        out: args.out.as_deref(),
        comments: written.iter().map(WrittenComment::from).collect(),
    })
}

impl Args {
    /// Refuses what cannot be done, before any work.
    fn check(
        &self,
        captioner: &Captioner,
        fitted: Option<&FittedRate>,
        options: &CrowdOptions,
    ) -> Outcome {
        if let Some(out) = &self.out {
            check_name(out)?;
        }
        #[cfg(feature = "video")]
        if self.attention.is_some() && !has_attention(captioner) {
            return Err(no_attention(&self.model));
        }
        #[cfg(not(feature = "video"))]
        let _ = captioner;
        if options.rate == CrowdRate::Fitted && fitted.is_none() {
            return Err(no_fitted_rate(&Error::NoFittedRate));
        }
        Ok(options.generate.check()?)
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
pub(crate) fn no_attention(model: &Path) -> anyhow::Error {
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
    let comments = write_all(captioner, store, None, options, context.output, |wrote| {
        progress.set_total(wrote.of);
        progress.set(wrote.number + 1);
        print_comment(&wrote.written.comment, context)
    })?;
    progress.finish();
    Ok(comments)
}

fn no_fitted_rate(error: &Error) -> anyhow::Error {
    anyhow!("{error}: `nico rate` fits one")
}

/// Writes comments for a video in order of time, and calls `tell` with each.
pub(crate) fn write_all(
    captioner: &Captioner,
    store: &FeatureStore,
    fitted: Option<&FittedRate>,
    options: &CrowdOptions,
    output: Output,
    mut tell: impl FnMut(Wrote<'_>) -> Outcome,
) -> Outcome<Vec<CrowdComment>> {
    let crowd = match Crowd::new(captioner, store, fitted, options) {
        Err(error @ Error::NoFittedRate) => return Err(no_fitted_rate(&error)),
        crowd => crowd?,
    };
    if let Some(few) = crowd.few() {
        let video = store.info().plan.video.path.display();
        output.warn(&format!("comment: {video}: {few}"));
    }
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

/// Prints a comment when it has been written; with `--json` all of them stand in the result.
fn print_comment(comment: &Comment, context: Context) -> Outcome {
    if context.json {
        return Ok(());
    }
    print_line(&format!("{} {}", comment.vpos, comment.body))
}
