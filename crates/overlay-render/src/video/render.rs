use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use video_rs::ffmpeg::{self, Rational, frame};

use super::frame::{FramePlanes, Preparer, colors};
use super::sink::{Picture, Sink};
use super::source::{About, Item, Source, TimedFrame};
use super::{encode_error, not_a_video, ratio};
use crate::{Error, Layout, Overlay, RenderOptions, Viewport};

/// Frames that wait between two stages.
const QUEUE: usize = 6;

/// What a rendering did.
///
/// ```
/// # use overlay_render::RenderReport;
/// let report = RenderReport::default();
/// assert_eq!(report.frames, 0);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RenderReport {
    /// Frames written.
    pub frames: u64,
    /// Frames with at least one comment.
    pub painted_frames: u64,
    /// Most comments in one frame.
    pub most_comments: usize,
    /// Packets of the video that could not be read or decoded, and were skipped.
    pub broken_packets: u64,
    /// Streams that the output's container cannot hold.
    pub left_out: Vec<String>,
    /// Width of the video written, in pixels. Odd sizes are made even by repeating the last column or row.
    pub width: u32,
    /// Height of the video written, in pixels.
    pub height: u32,
}

/// How far a rendering is.
///
/// ```
/// # use overlay_render::Progress;
/// let progress = Progress { frames: 12, seconds: 0.5, total_seconds: 2.0 };
/// assert_eq!(progress.share(), Some(0.25));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Frames drawn.
    pub frames: u64,
    /// Time of the last of them in the video, in seconds.
    pub seconds: f64,
    /// Duration of the video, 0 if its file does not say.
    pub total_seconds: f64,
}

impl Progress {
    /// The share of the work that is done, 0 to 1, if the duration is known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.total_seconds > 0.0).then(|| (self.seconds / self.total_seconds).clamp(0.0, 1.0))
    }
}

/// Draws a layout's comments on a video and writes it as another one.
///
/// The frames' times, the frame rate (constant or not), the shape of pixels and the colour tags stay as they are; sound and
/// other streams are copied packet by packet as far as the output's container, told by the name's ending, can hold them. A
/// rotation that the file asks the player for is carried out, so that comments stand upright. Decoding, drawing and encoding
/// run at the same time with a few frames between them. Damaged packets are skipped and counted.
///
/// `output` appears when it is whole; it may be the input's name. On an error nothing is left behind.
///
/// ```no_run
/// use std::path::Path;
///
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, RenderOptions, layout, render};
///
/// let comments = [Comment::new(Vpos(120), "うぽつ"), Comment::new(Vpos(300), "888").with_mail("ue red")];
/// let laid_out = layout(&comments, &Fonts::system()?, &LayoutOptions::default());
/// let report = render(Path::new("in.mp4"), Path::new("out.mp4"), &laid_out, &RenderOptions::default())?;
/// println!("{} frames", report.frames);
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// A missing input, one that is no video or has no frames ([`Error::NotAVideo`]), an output that cannot be written, and an
/// encoder that FFmpeg lacks or that refuses its settings ([`Error::Encode`]).
pub fn render(
    input: &Path,
    output: &Path,
    layout: &Layout,
    options: &RenderOptions,
) -> Result<RenderReport, Error> {
    render_with_progress(
        input,
        output,
        layout,
        options,
        |_| ControlFlow::Continue(()),
    )
}

/// As [`render`], telling `progress` after every frame; `Break` stops, leaves nothing behind and gives [`Error::Stopped`].
///
/// # Errors
///
/// As [`render`].
pub fn render_with_progress(
    input: &Path,
    output: &Path,
    layout: &Layout,
    options: &RenderOptions,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<RenderReport, Error> {
    if options.quiet {
        ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    }
    let (about, source) = Source::open(input, options.threads)?;
    let partial = partial_file(output)?;
    let (decoded, items) = sync_channel(QUEUE);
    let job = Job {
        input,
        output,
        partial: partial.path(),
        layout,
        options,
        about: &about,
    };
    let mut report = thread::scope(|scope| {
        let reader = scope.spawn(move || source.run(&decoded));
        let drawn = job.run(items, &mut progress);
        let read = reader
            .join()
            .unwrap_or_else(|_| Err(not_a_video(input, "broke the decoder")));
        // If reading failed, that is the cause of whatever followed.
        let counts = read?;
        drawn.map(|report| RenderReport {
            broken_packets: counts.broken,
            ..report
        })
    })?;
    let file = File::open(partial.path()).map_err(|source| Error::io(output, source))?;
    file.sync_all()
        .map_err(|source| Error::io(output, source))?;
    partial
        .persist(output)
        .map_err(|failed| Error::io(output, failed.error))?;
    report.left_out.sort();
    Ok(report)
}

/// A file beside the output, with the same ending, that goes away unless it is kept.
fn partial_file(output: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let folder = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let ending = output
        .extension()
        .and_then(|ending| ending.to_str())
        .ok_or_else(|| {
            encode_error(
                output,
                "the name's ending tells the container: add .mp4 or .mkv",
            )
        })?;
    let suffix = format!(".{ending}");
    let mut builder = tempfile::Builder::new();
    builder.prefix(".partial-").suffix(&suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666)); // less the umask, like any other file
    }
    builder
        .tempfile_in(folder)
        .map_err(|source| Error::io(output, source))
}

/// One rendering, as its middle stage sees it.
struct Job<'a> {
    input: &'a Path,
    output: &'a Path,
    partial: &'a Path,
    layout: &'a Layout,
    options: &'a RenderOptions,
    about: &'a About,
}

impl Job<'_> {
    /// Draws on the frames that come and has them written, to the end.
    fn run(
        &self,
        items: Receiver<Item>,
        progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<RenderReport, Error> {
        let mut preparer = Preparer::new(self.about.turn);
        let mut early = Vec::new();
        let mut items = items.into_iter();
        let first = items.by_ref().find_map(|item| match item {
            Item::Frame(frame) => Some(frame),
            packet @ Item::Packet(..) => {
                early.push(packet);
                None
            }
        });
        let Some(first) = first else {
            return Err(not_a_video(self.input, "has no frame that can be decoded"));
        };
        let mut overlay = self.overlay(&mut preparer, &first)?;
        let unpainted = preparer
            .prepare(first.picture.clone(), false)
            .map_err(|error| self.unfit(error))?;
        let (width, height) = preparer.coded(&first.picture);
        let picture = Picture {
            frame: &unpainted,
            width,
            height,
            pixel_aspect: self.pixel_aspect(&preparer),
        };
        let sink = Sink::open(
            self.partial,
            self.output,
            self.about,
            &picture,
            self.options,
        )?;
        let mut report = RenderReport {
            left_out: sink.left_out.clone(),
            width,
            height,
            ..RenderReport::default()
        };
        drop(unpainted);
        thread::scope(|scope| {
            let (drawn, ready) = sync_channel(QUEUE);
            let writer = scope.spawn(move || sink.run(&ready));
            let all = early.into_iter().chain([Item::Frame(first)]).chain(items);
            let worked = self.draw(
                all,
                &drawn,
                &mut preparer,
                &mut overlay,
                &mut report,
                progress,
            );
            drop(drawn);
            let written = writer
                .join()
                .unwrap_or_else(|_| Err(encode_error(self.output, "the encoder broke")));
            worked?;
            report.frames = written?.frames;
            Ok(report)
        })
    }

    /// The loop over everything that was read. Ends early without an error if the writer has stopped: it knows why.
    fn draw(
        &self,
        items: impl Iterator<Item = Item>,
        out: &SyncSender<Item>,
        preparer: &mut Preparer,
        overlay: &mut Overlay<'_>,
        report: &mut RenderReport,
        progress: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let unit = ratio(self.about.time_base);
        let mut frames = 0;
        for item in items {
            let item = match item {
                Item::Packet(..) => item,
                Item::Frame(frame) => {
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "times of a video are far below 2⁵³"
                    )]
                    let seconds = frame.pts as f64 * unit;
                    let picture =
                        draw_on(frame.picture, seconds * 100.0, preparer, overlay, report)
                            .map_err(|error| self.unfit(error))?;
                    frames += 1;
                    let now = Progress {
                        frames,
                        seconds,
                        total_seconds: self.about.seconds,
                    };
                    if progress(now).is_break() {
                        return Err(Error::Stopped);
                    }
                    Item::Frame(TimedFrame { picture, ..frame })
                }
            };
            if out.send(item).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn overlay(&self, preparer: &mut Preparer, first: &TimedFrame) -> Result<Overlay<'_>, Error> {
        let (width, height) = preparer.shown(&first.picture);
        let aspect = ratio(self.pixel_aspect(preparer));
        let viewport = Viewport::with_pixel_aspect(width, height, aspect)?;
        Ok(Overlay::new(self.layout, viewport))
    }

    /// The shape of a pixel once the picture stands upright.
    fn pixel_aspect(&self, preparer: &Preparer) -> Rational {
        let aspect = self.about.pixel_aspect;
        if preparer.is_sideways() && ratio(aspect) > 0.0 {
            aspect.invert()
        } else {
            aspect
        }
    }

    fn unfit(&self, error: ffmpeg::Error) -> Error {
        not_a_video(
            self.input,
            format!("has frames that cannot be converted for drawing ({error})"),
        )
    }
}

/// Paints comments on a frame at `t` centiseconds.
fn draw_on(
    frame: frame::Video,
    t: f64,
    preparer: &mut Preparer,
    overlay: &mut Overlay<'_>,
    report: &mut RenderReport,
) -> Result<frame::Video, ffmpeg::Error> {
    let shown = overlay.look(t);
    let location = frame.chroma_location();
    let mut picture = preparer.prepare(frame, shown > 0)?;
    if shown > 0 {
        let colors = colors(&picture, location);
        overlay.paint(&mut FramePlanes(&mut picture), colors);
        report.painted_frames += 1;
        report.most_comments = report.most_comments.max(shown);
    }
    Ok(picture)
}
