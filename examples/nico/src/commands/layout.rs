//! `nico layout`: places comments on the stage, for players and tests.

use std::{
    ffi::OsStr,
    num::NonZeroUsize,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use nico_comments::Comment;
use nico_corpus::StageInputs;
use overlay_render::{
    AssOptions, Fonts, Layout, LayoutOptions, LayoutReport, VideoInfo, WithoutLane,
    layout_with_progress, write_ass, write_layout_json,
};
use serde::Serialize;

use super::{Context, render::parse_size};
use crate::{export::write_comments, failure::Outcome, filters::FilterArgs, interrupt::Stoppable};

const EXAMPLES: &str = "\
Examples:
  nico layout in.xml --out in.ass --video in.mp4
  nico layout in.xml --out upright.ass --size 720x1280
  nico layout in.xml --out in.json";

/// What the command is told.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Comment files of any format, or folders of them.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// File to write: .json for every comment's place, .ass for subtitles that show comments in the
    /// same places, .xml for the comments as the site has them, which its players place by the same
    /// rules.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The video that subtitles are for: they fit the shape of its picture, and comments outside
    /// its time are told.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Size of the picture that subtitles are for, WIDTHxHEIGHT, as it is shown. Default: that of
    /// --video, else 1920x1080.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<(u32, u32)>,
    #[command(flatten)]
    layout: LayoutArgs,
    #[command(flatten)]
    filters: FilterArgs,
}

/// How comments are placed: shared by `layout`, `render` and `run`.
#[derive(clap::Args, Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LayoutArgs {
    /// Font file to use before those of the system; may be given several times.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    font: Vec<PathBuf>,
    /// Height of comments that find no lane, 0 (top) to 1 (bottom). Default: 0.5 for `layout`, so
    /// that layouts compare; random from a fixed seed where comments are drawn.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    without_lane: Option<f64>,
    /// Most comments shown at once; of more, the newest are (the site's player showed 40). Default:
    /// all are.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

impl LayoutArgs {
    /// Places comments with the fonts asked for; those that find no lane as asked for, or else by
    /// `without_lane`. Shows progress, and warns of what a person should know; with the length of
    /// the video, also of comments outside of it.
    pub(crate) fn layout(
        &self,
        comments: &[Comment],
        without_lane: WithoutLane,
        video_seconds: Option<f64>,
        context: Context,
    ) -> Outcome<Layout> {
        let fonts = self.fonts()?;
        let options = self.options(without_lane);
        let mut progress = context.output.start("layout", "comments", comments.len());
        let stoppable = Stoppable::new();
        let placed = layout_with_progress(comments, &fonts, &options, &mut |at| {
            progress.set_total(at.total / 2);
            progress.set(at.done / 2);
            if stoppable.asked() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        progress.finish();
        for warning in placed.warnings(video_seconds) {
            context.output.warn(&warning.to_string());
        }
        Ok(placed)
    }

    /// The fonts asked for.
    pub(crate) fn fonts(&self) -> Outcome<Fonts> {
        if self.font.is_empty() {
            return system_fonts();
        }
        Ok(Fonts::from_files_and_system(&self.font)?)
    }

    /// How comments are placed; those that find no lane as asked for, or else by `without_lane`.
    pub(crate) fn options(&self, without_lane: WithoutLane) -> LayoutOptions {
        let asked = self.without_lane.map(WithoutLane::Constant);
        LayoutOptions::default()
            .without_lane(asked.unwrap_or(without_lane))
            .limit(self.limit.map(NonZeroUsize::get))
    }

    /// Adds what placing depends on to what a stage does, fonts by their contents.
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        Ok(inputs.options(self).files("font", &self.font)?)
    }
}

/// The installed fonts; where there is none for Japanese, the error says what to install.
pub(crate) fn system_fonts() -> Outcome<Fonts> {
    Fonts::system().context("install a Japanese font, for example Debian's fonts-noto-cjk")
}

/// What `nico layout` came to.
#[derive(Serialize)]
struct LayoutResult<'a> {
    out: &'a Path,
    /// What became of the comments; absent where none was placed.
    #[serde(flatten)]
    report: Option<&'a LayoutReport>,
    /// Comments outside the video, of those that are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    outside: Option<usize>,
    /// Width and height of the picture that subtitles are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<(u32, u32)>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let extension = args.out.extension().and_then(OsStr::to_str);
    let is_ass = match extension {
        Some("ass") => true,
        Some("json") => false,
        Some("xml") => return write_xml(args, context),
        _ => {
            return Err(anyhow!(
                "{}: the name has to end in .json, .ass or .xml",
                args.out.display()
            ));
        }
    };
    if args.size.is_some() && !is_ass {
        return Err(anyhow!("--size is for subtitles, .ass"));
    }
    let video = args.video.as_deref().map(VideoInfo::read).transpose()?;
    let size = args.size.or(video.map(|video| (video.width, video.height)));
    let size = size.unwrap_or(AssOptions::default().size);
    let comments = args.filters.read(&args.comments, context.output)?;
    let seconds = video.and_then(|video| video.seconds);
    let lost = WithoutLane::Constant(0.5);
    let placed = args.layout.layout(&comments, lost, seconds, context)?;
    nico_comments::write_whole(&args.out, |out| {
        if is_ass {
            write_ass(&placed, &AssOptions::default().size(size.0, size.1), out)
        } else {
            write_layout_json(&placed, out)
        }
    })?;
    let report = placed.report();
    let (shown, out) = (report.shown, args.out.display());
    context
        .output
        .say(&format!("layout: {shown} comments placed in {out}"));
    context.print_json(&LayoutResult {
        out: &args.out,
        report: Some(report),
        outside: seconds.map(|seconds| placed.num_outside(seconds)),
        size: is_ass.then_some(size),
    })
}

/// The comments as the site has them: nothing is placed.
fn write_xml(args: &Args, context: Context) -> Outcome {
    let LayoutArgs {
        font,
        without_lane,
        limit,
    } = &args.layout;
    let places = !font.is_empty() || without_lane.is_some() || limit.is_some();
    if places || args.size.is_some() || args.video.is_some() {
        return Err(anyhow!(
            "--font, --without-lane, --limit, --size and --video are for .ass and .json: the site's players place comments in .xml"
        ));
    }
    let comments = args.filters.read(&args.comments, context.output)?;
    write_comments(&args.out, &comments)?;
    context.print_json(&LayoutResult {
        out: &args.out,
        report: None,
        outside: None,
        size: None,
    })
}
