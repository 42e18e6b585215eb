//! `nico render`: draws comments over a video.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use nico_comments::Comment;
use overlay_render::{RenderOptions, RenderReport, WithoutLane, render_with_progress};

use super::{Context, layout::LayoutArgs};
use crate::{
    comments::{FitArgs, read},
    failure::Outcome,
    interrupt::Stoppable,
    source::{timeline, video_info},
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video.
    #[arg(long, value_name = "FILE")]
    video: PathBuf,
    /// Its comments: XML or JSON, any format.
    #[arg(long, value_name = "FILE")]
    comments: PathBuf,
    /// The video to write, .mp4 or .mkv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    fit: FitArgs,
    #[command(flatten)]
    drawing: DrawingArgs,
}

/// How is drawn and encoded: shared by `render` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DrawingArgs {
    #[command(flatten)]
    pub(crate) layout: LayoutArgs,
    /// x264's preset: ultrafast to veryslow.
    #[arg(long, default_value = "veryfast")]
    preset: String,
    /// x264's quality: 0 best, 51 worst.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(0..=51))]
    crf: u8,
}

impl DrawingArgs {
    /// What a result depends on, for the records of the stages.
    pub(crate) fn identity(&self) -> String {
        format!("{} {} {}", self.preset, self.crf, self.layout.identity())
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let (mut comments, _) = read(&args.comments, context.output)?;
    if args.fit.is_asked_for() {
        let timeline = timeline(&args.video, context.output)?;
        args.fit.apply(&mut comments, &timeline)?;
    }
    let report = draw(&args.video, &comments, &args.out, &args.drawing, context)?;
    for stream in report.left_out {
        context.output.say(&format!("render: left out {stream}"));
    }
    if report.broken_packets > 0 {
        context.output.say(&format!(
            "render: skipped {} broken packets of {}",
            report.broken_packets,
            args.video.display()
        ));
    }
    Ok(())
}

/// Draws comments over a video into another one.
pub(crate) fn draw(
    video: &Path,
    comments: &[Comment],
    out: &Path,
    args: &DrawingArgs,
    context: Context,
) -> Outcome<RenderReport> {
    let layout = args
        .layout
        .layout(comments, WithoutLane::Random { seed: 1 })?;
    let options = RenderOptions::default()
        .preset(args.preset.clone())
        .crf(args.crf)
        .quiet(true);
    let frames = video_info(video)?.frames;
    let mut progress = context.output.start("render", "frames", frames);
    let stoppable = Stoppable::new();
    let report = render_with_progress(video, out, &layout, &options, |drawn| {
        progress.set(usize::try_from(drawn.frames).unwrap_or(usize::MAX));
        if stoppable.asked() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    progress.finish();
    Ok(report)
}
