//! `nico render`: draws comments over a video.

use anyhow::{anyhow, bail};
use std::{
    ops::{ControlFlow, Range},
    path::{Path, PathBuf},
};

use nico_comments::Comment;
use nico_corpus::StageInputs;
use overlay_render::{
    Attention, AttentionTrack, Background, Contrast, FrameRate, FrameShape, LaneOverflow, Layout,
    Loss, OutlineStyle, OutputSize, PackedComments, Progress, RenderOptions, RenderReport,
    VideoInfo, Viewport, render_frame, render_pictures, render_with_progress,
};
use serde::Serialize;

use super::{Context, layout::LayoutArgs};
use crate::{
    comments::FitArgs, failure::Outcome, filters::FilterArgs, interrupt::Stoppable, jobs,
    progress::Output, source::timeline,
};

const EXAMPLES: &str = "\
Examples:
  nico render --video in.mp4 --comments in.xml --out out.mp4
  nico render --video in.mp4 --comments in.xml --out out.mp4 --start 1:00 --duration 30 --height 720
  nico render --video in.mp4 --comments in.xml --out out.mkv --codec libx265 --crf 22 --preset medium
  nico render --video in.mp4 --comments in.xml --out comments.mov --transparent
  nico render --video in.mp4 --comments in.xml --out frames --pictures --duration 5
  nico render --video in.mp4 --comments in.xml --out frame.png --frame 12.5
  nico render --video cover.mp4 --comments in.xml --out out.mp4 --fps 60
  nico render --video old.flv --comments in.xml --out out.mp4 --stage 16:9
  nico render --video in.mp4 --attention attention.jsonl --out attention.mp4
  nico render --list jobs.tsv

docs/rendering.md has what is kept of a video, and the formats.";

/// What the command is told.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The video.
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    video: Option<PathBuf>,
    /// Its comments: files of any format, or folders of them.
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present_any = ["attention", "list"])]
    comments: Vec<PathBuf>,
    /// Several videos, one after the other, all with the other options given: a file with a line for
    /// each, the video, its comments and what to write, between tabs; - is standard input. What was
    /// written already is not done again.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["video", "comments", "out", "frame", "attention"])]
    list: Option<PathBuf>,
    /// Writes what --list names again where it is there.
    #[arg(long, requires = "list")]
    again: bool,
    /// What to write: a video, whose name's ending tells the container (.mp4, .mkv, .mov, .webm), a
    /// .png with --frame, a folder with --pictures.
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    out: Option<PathBuf>,
    /// Where to begin in the video: seconds, M:SS or H:MM:SS, with fractions. The first frame is
    /// the first from there on; sound is cut at the same place.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    start: Option<f64>,
    /// How much of the video to write.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    duration: Option<f64>,
    /// Frames a second of the output, as 30, 29.97 or 30000/1001: pictures are repeated or left out.
    /// Default: the video's own times, and 30 while a picture stands still, so that comments move.
    #[arg(long, value_name = "RATE", conflicts_with = "frame")]
    fps: Option<FrameRate>,
    /// Writes the single frame that is shown at TIME as a PNG picture.
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with_all = ["start", "duration", "pictures"])]
    frame: Option<f64>,
    /// Writes every frame as a PNG picture, into a new folder, with a list of their durations.
    #[arg(long, conflicts_with_all = ["codec", "crf", "preset"])]
    pictures: bool,
    /// Writes the comments alone on a transparent background: .mov (ProRes 4444), .webm (VP9), .mkv
    /// (FFV1), or PNG with --pictures and --frame.
    #[arg(long, conflicts_with = "attention")]
    transparent: bool,
    /// Size of the output: WIDTHxHEIGHT; the shape of the picture stays.
    #[arg(long, value_name = "WxH", value_parser = parse_size, conflicts_with = "height")]
    size: Option<(u32, u32)>,
    /// Height of the output, with the width that goes with it.
    #[arg(long, value_name = "PIXELS")]
    height: Option<u32>,
    /// Maps of where a model looked (`nico comment --attention`), laid over the video while each
    /// comment is shown.
    #[arg(long, value_name = "FILE")]
    attention: Option<PathBuf>,
    /// Brightness of a map: `stretched` makes its smallest weight dark, `zero` makes 0 dark, so
    /// that an even map is even light.
    #[arg(long, value_name = "WHAT", default_value = "stretched", value_parser = ["stretched", "zero"])]
    attention_contrast: String,
    /// Threads of the encoder; 0 lets it choose.
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    fit: FitArgs,
    #[command(flatten)]
    drawing: DrawingArgs,
    #[command(flatten)]
    filters: FilterArgs,
}

/// How is drawn and encoded: shared by `render` and `run`.
#[derive(clap::Args, Clone, Debug, Serialize)]
pub(crate) struct DrawingArgs {
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) layout: LayoutArgs,
    /// FFmpeg's name of the video encoder: libx264, libx265, libvpx-vp9, libsvtav1, libaom-av1,
    /// prores_ks, ffv1 … Default: what suits the output's ending, which is libx264 for .mp4.
    #[arg(long, value_name = "NAME")]
    codec: Option<String>,
    /// How long the encoder takes to make the file small: ultrafast to veryslow for x264 and x265
    /// (default veryfast), a number for VP9 and AV1.
    #[arg(long)]
    preset: Option<String>,
    /// Quality, 0 best: to 51 for x264 (default 20) and x265 (24), to 63 for VP9 (31) and AV1 (30
    /// or 32).
    #[arg(long)]
    crf: Option<u8>,
    /// Outline of the letters: `round` as the player's, `eightfold` as the experiment of 2017 drew
    /// it.
    #[arg(long, value_name = "WHAT", default_value = "round", value_parser = ["round", "eightfold"])]
    outline: String,
    /// Shape of the frames: `picture`, the video's, or `16:9`, the player's stage, in which a picture
    /// of another shape stands between black bars that comments go over too. Default: picture.
    #[arg(long, value_name = "SHAPE", value_parser = ["picture", "16:9"])]
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
}

impl DrawingArgs {
    /// Adds what drawing depends on to what a stage does, fonts by their contents.
    pub(crate) fn inputs(&self, inputs: StageInputs) -> Outcome<StageInputs> {
        self.layout.inputs(inputs.options(self))
    }

    /// The names of the options that were given and say how a video is drawn and encoded, without
    /// those of how comments are placed.
    pub(crate) fn given_for_video(&self) -> Vec<&'static str> {
        let given = [
            ("--codec", self.codec.is_some()),
            ("--preset", self.preset.is_some()),
            ("--crf", self.crf.is_some()),
            ("--outline", self.outline != "round"),
            ("--stage", self.stage.is_some()),
        ];
        let given = given.into_iter().filter(|&(_, is_given)| is_given);
        given.map(|(name, _)| name).collect()
    }

    pub(crate) fn options(&self) -> RenderOptions {
        let mut options = RenderOptions::default();
        options.encoder = self.codec.clone();
        options.preset = self.preset.clone();
        options.crf = self.crf;
        if self.outline == "eightfold" {
            options.outline = OutlineStyle::Eightfold;
        }
        if self.stage.as_deref() == Some("16:9") {
            options.shape = FrameShape::Stage;
        }
        options
    }
}

/// One video to be written.
#[derive(Debug)]
struct Job {
    video: PathBuf,
    comments: Vec<PathBuf>,
    out: PathBuf,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let Some(list) = &args.list else {
        let (Some(video), Some(out)) = (&args.video, &args.out) else {
            bail!("--video and --out, or --list, say what is to be written");
        };
        let job = Job {
            video: video.clone(),
            comments: args.comments.clone(),
            out: out.clone(),
        };
        return context.print_json(&write(args, &job, context)?);
    };
    let jobs = jobs::read_list(list, ["a video", "its comments", "what to write"])?;
    let jobs: Vec<Job> = jobs
        .into_iter()
        .map(|[video, comments, out]| {
            let comments = vec![comments];
            Job {
                video,
                comments,
                out,
            }
        })
        .collect();
    jobs::check_outputs(jobs.iter().map(|job| (&*job.video, &*job.out)))?;
    jobs::each(
        &jobs,
        |job| &job.video,
        context,
        |job| {
            if !args.again && job.out.exists() {
                let out = &job.out;
                context
                    .output
                    .say(&format!("{}: is there already", out.display()));
                return Ok(Written::Before {
                    out,
                    was_there: true,
                });
            }
            write(args, job, context)
        },
    )
}

/// Writes one video, or one picture of it.
fn write<'a>(args: &Args, job: &'a Job, context: Context) -> Outcome<Written<'a>> {
    args.check(job)?;
    let options = args.options(context.output)?;
    if args.frame.is_none() && !args.pictures {
        options.check(&job.video, &job.out)?;
    }
    VideoInfo::read(&job.video)?; // what is no video is told before any work
    let layout = if job.comments.is_empty() {
        Layout::default()
    } else {
        place(args.comments(job, context.output)?, &args.drawing, context)?
    };
    if let Some(at) = args.frame {
        return write_frame(job, at, &layout, &options, context);
    }
    let report = with_progress(context, |progress| {
        if args.pictures {
            render_pictures(&job.video, &job.out, &layout, &options, progress)
        } else {
            render_with_progress(&job.video, &job.out, &layout, &options, progress)
        }
    })?;
    warn(&report, &job.video, context);
    let report = Box::new(report);
    Ok(Written::Video {
        out: &job.out,
        report,
    })
}

/// What a job came to.
#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Video {
        out: &'a Path,
        #[serde(flatten)]
        report: Box<RenderReport>,
    },
    Frame {
        out: &'a Path,
        at_seconds: f64,
        width: u32,
        height: u32,
    },
    /// It was there before.
    Before { out: &'a Path, was_there: bool },
}

impl Args {
    /// Refuses what cannot come out, before anything is read.
    fn check(&self, job: &Job) -> Outcome {
        if self.duration == Some(0.0) {
            return Err(anyhow!("--duration 0: nothing would be written"));
        }
        let ending = job.out.extension().unwrap_or_default();
        if self.frame.is_some() && !ending.eq_ignore_ascii_case("png") {
            return Err(anyhow!("{}: a frame is written as .png", job.out.display()));
        }
        Ok(())
    }

    /// The comments at their times.
    fn comments(&self, job: &Job, output: Output) -> Outcome<PackedComments> {
        if !self.fit.is_asked_for() {
            return self.filters.read_packed(&job.comments, output);
        }
        let mut comments = self.filters.read(&job.comments, output)?;
        let timeline = timeline(&job.video, output)?;
        self.fit.times().apply(&mut comments, &timeline)?;
        Ok(comments.iter().collect())
    }

    fn options(&self, output: Output) -> Outcome<RenderOptions> {
        let background = if self.transparent {
            Background::Transparent
        } else {
            Background::Video
        };
        let size = match (self.size, self.height) {
            (Some((width, height)), _) => OutputSize::Exact(width, height),
            (None, Some(height)) => OutputSize::Height(height),
            (None, None) => OutputSize::Source,
        };
        let attention = match &self.attention {
            Some(file) => Some(self.attention(file, output)?),
            None => None,
        };
        Ok(self
            .drawing
            .options()
            .background(background)
            .size(size)
            .seconds(self.seconds())
            .frame_rate(self.fps)
            .attention(attention)
            .threads(self.threads))
    }

    fn attention(&self, file: &Path, output: Output) -> Outcome<Attention> {
        let track = AttentionTrack::read(file, AttentionTrack::CROSSING)?;
        if track.omitted() > 0 {
            let (file, omitted) = (file.display(), track.omitted());
            output.warn(&format!(
                "{file}: {omitted} comments without words or a time are left out"
            ));
        }
        let contrast = match self.attention_contrast.as_str() {
            "zero" => Contrast::FromZero,
            _ => Contrast::Stretched,
        };
        Ok(Attention::new(track).contrast(contrast))
    }

    fn seconds(&self) -> Range<f64> {
        let start = self.start.unwrap_or(0.0);
        start..self.duration.map_or(f64::INFINITY, |length| start + length)
    }
}

fn write_frame<'a>(
    job: &'a Job,
    at_seconds: f64,
    layout: &Layout,
    options: &RenderOptions,
    context: Context,
) -> Outcome<Written<'a>> {
    let picture = render_frame(&job.video, at_seconds, layout, options)?;
    let shown = Viewport::new(picture.width(), picture.height())?;
    warn_of_sides(shown.num_cut_off(layout), layout.report().shown, context);
    nico_comments::write_whole(&job.out, |out| {
        let mut png = std::io::Cursor::new(Vec::new());
        picture
            .write_to(&mut png, image::ImageFormat::Png)
            .map_err(std::io::Error::other)?;
        out.write_all(png.get_ref())
    })?;
    Ok(Written::Frame {
        out: &job.out,
        at_seconds,
        width: picture.width(),
        height: picture.height(),
    })
}

/// Draws comments over a video into another one.
pub(crate) fn draw(
    video: &Path,
    comments: &[Comment],
    out: &Path,
    args: &DrawingArgs,
    context: Context,
) -> Outcome<RenderReport> {
    let layout = place(comments.iter().collect(), args, context)?;
    let options = args.options();
    let report = with_progress(context, |progress| {
        render_with_progress(video, out, &layout, &options, progress)
    })?;
    warn(&report, video, context);
    Ok(report)
}

fn place(comments: PackedComments, args: &DrawingArgs, context: Context) -> Outcome<Layout> {
    if comments.is_empty() {
        let layout = Layout::default(); // which needs no fonts
        for warning in layout.warnings(None) {
            context.output.warn(&warning.to_string());
        }
        return Ok(layout);
    }
    let lost = LaneOverflow::Random { seed: 1 };
    args.layout.layout(comments, lost, None, context)
}

/// Shows how far a rendering is, and stops it when Ctrl-C asks for that.
fn with_progress(
    context: Context,
    render: impl FnOnce(
        &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<RenderReport, overlay_render::Error>,
) -> Outcome<RenderReport> {
    let mut progress = context.output.start("render", "frames", 0);
    let stoppable = Stoppable::new();
    let report = render(&mut |drawn| {
        let count = |frames| usize::try_from(frames).unwrap_or(usize::MAX);
        progress.set_total(count(drawn.total_frames));
        if drawn.frames > 0 {
            progress.set(count(drawn.frames)); // before the first there is no rate to tell
        }
        stoppable.go_on()
    })?;
    progress.finish();
    Ok(report)
}

/// Warns of what of the video or of its comments is not as it was.
fn warn(report: &RenderReport, video: &Path, context: Context) {
    let video = video.display();
    let warn = |text: String| context.output.warn(&text);
    let RenderReport {
        comments,
        comments_outside,
        comments_cut_off,
        missing_seconds,
        ..
    } = report;
    if *comments_outside > 0 {
        warn(format!(
            "{comments_outside} of {comments} comments lie outside the video"
        ));
    }
    warn_of_sides(*comments_cut_off, *comments, context);
    for loss in &report.losses {
        warn(match loss {
            Loss::Reencoded { .. } => format!("{video}: not kept: {loss}"),
            _ => format!("{video}: left out: {loss}"),
        });
    }
    if *missing_seconds > 0.0 {
        warn(format!(
            "{video}: {missing_seconds:.1} s are missing: the file says that it is longer than it is"
        ));
    }
    for (count, what) in [
        (report.broken_packets, "broken packets skipped"),
        (
            report.broken_other_packets,
            "broken packets of sound and others skipped",
        ),
        (
            report.concealed_frames,
            "damaged frames, filled in by the decoder",
        ),
        (report.missing_frames, "frames missing at its end"),
    ] {
        if count > 0 {
            warn(format!("{video}: {count} {what}"));
        }
    }
    if let Some(reason) = &report.ended_early {
        warn(format!("{video}: could not be read to its end: {reason}"));
    }
    if report.repeated_frames > 0 {
        context.output.say(&format!(
            "render: {} frames repeat a picture that stands still",
            report.repeated_frames
        ));
    }
}

/// Warns of comments that a narrow picture cuts off.
fn warn_of_sides(cut_off: usize, shown: usize, context: Context) {
    if cut_off > 0 {
        context.output.warn(&format!(
            "{cut_off} of {shown} comments are wider than the picture and cut off at its sides: --stage 16:9 has them whole"
        ));
    }
}

/// Seconds of `12.5`, `1:30` or `1:02:03.5`.
fn parse_time(text: &str) -> Result<f64, String> {
    let mut seconds = 0.0;
    let parts: Vec<&str> = text.split(':').collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.');
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err("expected seconds, M:SS or H:MM:SS".to_owned());
    }
    for part in parts {
        let part: f64 = part.parse().map_err(|_| format!("{part:?} is no number"))?;
        seconds = seconds * 60.0 + part;
    }
    Ok(seconds)
}

/// Width and height of `1280x720`.
pub(super) fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let size = text
        .split_once(['x', '×'])
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    size.ok_or_else(|| "expected WIDTHxHEIGHT in pixels, as 1280x720".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(parse_time("12.5"), Ok(12.5));
        assert_eq!(parse_time("1:30"), Ok(90.0));
        assert_eq!(parse_time("1:02:03.5"), Ok(3723.5));
        for wrong in ["", "-1", "1:2:3:4", "x", "1:", "1e3", "inf", "NaN", "1..2"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_two_numbers() {
        assert_eq!(parse_size("1280x720"), Ok((1280, 720)));
        for wrong in ["1280", "x720", "1280x", "-1x5", "1280x720x3"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
