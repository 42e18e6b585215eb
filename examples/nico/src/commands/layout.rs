//! `nico layout`: places comments on the stage, for players and tests.

use std::{
    fmt::Display,
    num::NonZeroUsize,
    ops::{ControlFlow, RangeInclusive},
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, anyhow};
use nico_corpus::StageInputs;
use overlay_render::{
    AssOptions, Fonts, LaneOverflow, Layout, LayoutOptions, LayoutReport, LayoutWarning,
    PackedComments, Player, VideoInfo, Viewport, layout_packed, write_ass, write_layout_json,
};
use serde::{Serialize, Serializer};

use super::{Context, render::parse_size};
use crate::{
    export::write_comments, failure::Outcome, files::ending, filters::FilterArgs,
    interrupt::Stoppable, progress::Output,
};

const EXAMPLES: &str = "\
Examples:
  nico layout in.xml --out in.ass --video in.mp4
  nico layout in.xml --out upright.ass --size 720x1280
  nico layout in.xml --out in.json
  nico layout in.xml --out in.fonts";

/// What the command is told.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Comment files of any format, or folders of them.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// File to write: .json for every comment's place, .ass for subtitles that show comments in the
    /// same places, .xml for the comments as the site has them, which its players place by the same
    /// rules, .fonts for the glyphs that a page's player draws them with (docs/player.md).
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
    /// The player of the site whose look comments get: `html5`, since 2017, `flash`, the one before,
    /// or `auto`, for each comment the one that it was written for. Default: html5.
    #[arg(long, value_name = "WHICH", value_parser = parse_player)]
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "player_name"
    )]
    player: Option<Player>,
    /// Height of comments that find no lane, 0 (top) to 1 (bottom). Default: 0.5 for `layout`, so
    /// that layouts compare; random from a fixed seed where comments are drawn.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    lane_overflow: Option<f64>,
    /// Most comments shown at once; of more, the newest are (the site's player showed 40). Default:
    /// all are.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,
    /// Most of the picture that comments take at once, 1 being all of it: where there are more, those
    /// with more nicoru and a better NG score stay. About 0.5 leaves little that lies over each other.
    #[arg(long, value_name = "SHARE", value_parser = parse_density)]
    #[serde(skip_serializing_if = "Option::is_none")]
    density: Option<f64>,
    /// Longest text of a comment in characters; the rest is cut off (the player's limit is 16384).
    #[arg(long, value_name = "N", value_parser = parse_length)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    /// Most lines of a comment; the rest is cut off (the player's limit is 256).
    #[arg(long, value_name = "N", value_parser = parse_lines)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lines: Option<usize>,
    /// Opacity of comments, 0 (clear) to 1.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    #[serde(skip_serializing_if = "Option::is_none")]
    opacity: Option<f64>,
    /// Size of comments, 0.25 to 4 times the player's.
    #[arg(long, value_name = "FACTOR", value_parser = parse_factor)]
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_size: Option<f64>,
    /// Speed of scrolling comments, 0.25 to 4 times the player's.
    #[arg(long, value_name = "FACTOR", value_parser = parse_factor)]
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_speed: Option<f64>,
    /// Share of the picture's height, from the top, that comments are in, 0.1 to 1.
    #[arg(long, value_name = "SHARE", value_parser = parse_area)]
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<f64>,
}

fn parse_player(text: &str) -> Result<Player, String> {
    let mut all = Player::ALL.into_iter();
    let found = all.find(|player| player.as_str() == text);
    found.ok_or_else(|| "expected html5, flash or auto".to_owned())
}

fn player_name<S: Serializer>(player: &Option<Player>, serializer: S) -> Result<S::Ok, S::Error> {
    player.map(Player::as_str).serialize(serializer)
}

fn parse_share(text: &str) -> Result<f64, String> {
    parse_number(text, 0.0..=1.0)
}

fn parse_factor(text: &str) -> Result<f64, String> {
    parse_number(text, 0.25..=4.0)
}

fn parse_area(text: &str) -> Result<f64, String> {
    parse_number(text, 0.1..=1.0)
}

fn parse_density(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    let share = share.filter(|share: &f64| share.is_finite() && *share > 0.0);
    share.ok_or_else(|| "expected a number above 0".to_owned())
}

fn parse_length(text: &str) -> Result<usize, String> {
    parse_number(text, 1..=LayoutOptions::default().max_length)
}

fn parse_lines(text: &str) -> Result<usize, String> {
    parse_number(text, 1..=LayoutOptions::default().max_lines)
}

/// A number in a range.
fn parse_number<T: FromStr + PartialOrd + Display>(
    text: &str,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        format!(
            "expected a number from {} to {}",
            range.start(),
            range.end()
        )
    })
}

impl LayoutArgs {
    /// Places comments with the fonts asked for; those that find no lane as asked for, or else by
    /// `lane_overflow`. Shows progress, and warns of what a person should know; with the length of
    /// the video, also of comments outside of it.
    pub(crate) fn layout(
        &self,
        comments: PackedComments,
        lane_overflow: LaneOverflow,
        video_seconds: Option<f64>,
        context: Context,
    ) -> Outcome<Layout> {
        let fonts = self.fonts()?;
        let options = self.options(lane_overflow);
        let mut progress = context.output.start("layout", "comments", comments.len());
        let stoppable = Stoppable::new();
        let placed = layout_packed(comments, &fonts, &options, &mut |at| {
            progress.set_total(at.total / 2);
            progress.set(at.done / 2);
            stoppable.go_on()
        })?;
        progress.finish();
        if placed.report().thinned > 0 {
            let (thinned, given) = (placed.report().thinned, placed.report().given);
            context.output.say(&format!(
                "layout: {thinned} of {given} comments left out, more than the density allows"
            ));
        }
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

    /// Warns of fonts of the Flash player that others stand in for, where comments may get its look
    /// and no layout of all of them tells it.
    pub(crate) fn warn_of_stand_ins(&self, fonts: &Fonts, output: Output) {
        let stand_ins = fonts.flash_stand_ins();
        let is_asked = self.player.is_some_and(|player| player != Player::Html5);
        if is_asked && !stand_ins.is_empty() {
            output.warn(&LayoutWarning::StandIns(stand_ins).to_string());
        }
    }

    /// The glyphs of these comments, which were placed so, as they are and as the owner's scripts
    /// rewrite them.
    fn subset(&self, comments: PackedComments, placed: &Layout) -> Outcome<Vec<u8>> {
        let fonts = self.fonts()?;
        let options = self.options(LaneOverflow::Constant(0.5)).scripts(false);
        let as_written = layout_packed(comments, &fonts, &options, &mut |_| {
            ControlFlow::Continue(())
        })?;
        Ok(fonts.subset([placed, &as_written]))
    }

    /// How comments are placed; those that find no lane as asked for, or else by `lane_overflow`.
    pub(crate) fn options(&self, lane_overflow: LaneOverflow) -> LayoutOptions {
        let usual = LayoutOptions::default();
        let lost = self.lane_overflow.map(LaneOverflow::Constant);
        LayoutOptions::default()
            .player(self.player.unwrap_or(usual.player))
            .lane_overflow(lost.unwrap_or(lane_overflow))
            .limit(self.limit.map(NonZeroUsize::get))
            .density(self.density)
            .max_length(self.max_length.unwrap_or(usual.max_length))
            .max_lines(self.max_lines.unwrap_or(usual.max_lines))
            .opacity(self.opacity.unwrap_or(usual.opacity))
            .size(self.comment_size.unwrap_or(usual.size))
            .speed(self.comment_speed.unwrap_or(usual.speed))
            .area(self.area.unwrap_or(usual.area))
    }

    /// The names of the options that were given.
    pub(crate) fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--font", !self.font.is_empty()),
            ("--player", self.player.is_some()),
            ("--lane-overflow", self.lane_overflow.is_some()),
            ("--limit", self.limit.is_some()),
            ("--density", self.density.is_some()),
            ("--max-length", self.max_length.is_some()),
            ("--max-lines", self.max_lines.is_some()),
            ("--opacity", self.opacity.is_some()),
            ("--comment-size", self.comment_size.is_some()),
            ("--comment-speed", self.comment_speed.is_some()),
            ("--area", self.area.is_some()),
        ];
        let given = given.into_iter().filter(|&(_, is_given)| is_given);
        given.map(|(name, _)| name).collect()
    }

    /// Adds what placing depends on to what a stage does, fonts by their contents.
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        Ok(inputs.options(self).files("font", &self.font)?)
    }
}

/// The installed fonts; where there is none for Japanese, the error says what to install.
pub(crate) fn system_fonts() -> Outcome<Fonts> {
    Fonts::system().context(
        "install a Japanese font (fonts-noto-cjk of Debian and Ubuntu, google-noto-sans-cjk-fonts of Fedora, \
         noto-fonts-cjk of Arch, the cask font-noto-sans-cjk-jp of Homebrew), or name a file with --font",
    )
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
    let is_ass = match ending(&args.out).as_deref() {
        Some("ass") => true,
        Some("json" | "fonts") => false,
        Some("xml") => return write_xml(args, context),
        _ => {
            return Err(anyhow!(
                "{}: the name has to end in .json, .ass, .xml or .fonts",
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
    let comments = args.filters.read_packed(&args.comments, context.output)?;
    let seconds = video.and_then(|video| video.seconds);
    let lost = LaneOverflow::Constant(0.5);
    let is_fonts = ending(&args.out).as_deref() == Some("fonts");
    let as_written = is_fonts.then(|| comments.clone());
    let placed = args.layout.layout(comments, lost, seconds, context)?;
    if is_ass {
        warn_of_sides(&placed, size, context)?;
    }
    if let Some(comments) = as_written {
        let fonts = args.layout.subset(comments, &placed)?;
        nico_comments::write_whole(&args.out, |out| out.write_all(&fonts))?;
    } else {
        nico_comments::write_whole(&args.out, |out| {
            if is_ass {
                write_ass(&placed, &AssOptions::default().size(size.0, size.1), out)
            } else {
                write_layout_json(&placed, out)
            }
        })?;
    }
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

/// Warns of comments that a picture of this size cuts off.
fn warn_of_sides(placed: &Layout, (width, height): (u32, u32), context: Context) -> Outcome {
    let cut_off = Viewport::new(width, height)?.num_cut_off(placed);
    if cut_off > 0 {
        let shown = placed.report().shown;
        context.output.warn(&format!(
            "{cut_off} of {shown} comments are wider than the picture and cut off at its sides"
        ));
    }
    Ok(())
}

/// The comments as the site has them: nothing is placed.
fn write_xml(args: &Args, context: Context) -> Outcome {
    let mut given = args.layout.given();
    let own = [
        ("--size", args.size.is_some()),
        ("--video", args.video.is_some()),
    ];
    given.extend(own.iter().filter(|(_, given)| *given).map(|(name, _)| name));
    if !given.is_empty() {
        let names = given.join(", ");
        return Err(anyhow!(
            "{names}: for .ass and .json, the site's players place comments in .xml"
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
