use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use ffmpeg_next as ffmpeg;
use folder_lock::FileMark;

use super::codecs::Choice;
use super::draw::Job;
use super::encoder::Encoder;
use super::failure;
use super::frame_rate::FrameRate;
use super::info::is_deep;
use super::options::{Background, RenderOptions};
use super::pace::Pace;
use super::pictures::PictureFolder;
use super::pipeline::Pipeline;
use super::pool::Pool;
use super::report::{Progress, RenderReport};
use super::sink::{Sink, VideoFile};
use super::source::Source;
use super::span::Span;
use super::stream_info::StreamInfo;
use crate::error::Error;
use crate::place::Layout;
use crate::problem::OutputProblem;

/// Draws a layout's comments on a video and writes it as another one.
///
/// The frames' times, the frame rate (constant or not), the shape of pixels and the colour tags
/// stay as they are; a picture that stands still for long is shown again and again so that comments
/// move on it, if there are any ([`RenderOptions::frame_rate`]). Transparency stays where the
/// output can hold it. Sound, subtitles, attachments, covers, chapters and titles are copied, packet
/// by packet and bit for bit, as far as the output's container, told by the name's ending, can hold
/// them; what it cannot is named in [`RenderReport::losses`]. A rotation that the file asks the
/// player for is carried out, so that comments stand upright. Frames of 8-bit 4:2:0 and those of 10
/// and 12 bits in 4:2:0, 4:2:2 and 4:4:4 are painted on as they are, with white as bright as on
/// paper where they have a high dynamic range; others are converted to one of these. Decoding, drawing and encoding run at the same time
/// with a few frames between them.
///
/// Of a part of the video ([`RenderOptions::seconds`]) other streams have the packets that are
/// heard or seen in it: sound begins up to a packet (some 20 ms) earlier, which containers tell
/// players to skip.
///
/// Damaged packets are skipped and counted; a file that was cut off gives what is there and
/// [tells](RenderReport::missing_seconds) how much is missing. `output` appears when it is whole;
/// it may not be the input. On an error nothing is left behind.
///
/// ```no_run
/// use std::path::Path;
///
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, RenderOptions, layout, render};
///
/// let comments = [
///     Comment::new(Vpos(120), "うぽつ"),
///     Comment::new(Vpos(300), "888").mail("ue red"),
/// ];
/// let laid_out = layout(&comments, &Fonts::system()?, &LayoutOptions::default());
/// let (input, output) = (Path::new("in.mp4"), Path::new("out.mp4"));
/// let report = render(input, output, &laid_out, &RenderOptions::default())?;
/// println!("{} frames", report.frames);
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// A missing input ([`Error::Read`]), one that is no video or has no frames ([`Error::Input`]), a
/// span without length ([`Error::Span`]), a size that cannot be drawn ([`Error::PictureSize`]),
/// more threads than there may be ([`Error::OutOfRange`]), an output that cannot be written
/// ([`Error::Write`]), one that is the input, and an encoder that FFmpeg lacks or that refuses its
/// settings ([`Error::Output`]).
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

/// As [`render`], telling `progress` how far it is: before the first frame, after every one, and
/// twice a second while none comes, as on the way to a part of a stream without an index. `Break`
/// stops, leaves nothing behind and gives [`Error::Stopped`]. It is not asked any more while the
/// encoder gives its last packets and the file is ended.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use std::path::Path;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use overlay_render::{Error, Layout, RenderOptions, render_with_progress};
///
/// static CANCELLED: AtomicBool = AtomicBool::new(false); // set by whoever ends the job
///
/// let (input, output) = (Path::new("in.mp4"), Path::new("out.mp4"));
/// let (layout, options) = (Layout::default(), RenderOptions::default());
/// let rendered = render_with_progress(input, output, &layout, &options, |progress| {
///     println!("{:.0} %", progress.share().unwrap_or(0.0) * 100.0);
///     match CANCELLED.load(Ordering::Relaxed) {
///         true => ControlFlow::Break(()),
///         false => ControlFlow::Continue(()),
///     }
/// });
/// if let Err(Error::Stopped) = rendered {
///     println!("cancelled: there is no out.mp4");
/// }
/// ```
///
/// # Errors
///
/// As [`render`], and [`Error::Stopped`].
pub fn render_with_progress(
    input: &Path,
    output: &Path,
    layout: &Layout,
    options: &RenderOptions,
    progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<RenderReport, Error> {
    quieten(options);
    options.check(input, output)?;
    let choice = Choice::new(output, options, is_deep(input)?)?;
    let sink =
        |options| VideoFile::new(output, options, &choice).map(|file| Sink::Video(Box::new(file)));
    run(input, layout, options, Some(&choice), sink, progress)
}

/// Writes every frame with its comments as a PNG picture into the folder `output`: `000001.png` and
/// so on, and `frames.ffconcat`, a list with the frames' durations that FFmpeg reads as a video.
/// Progress as in [`render_with_progress`].
///
/// With [`Background::Transparent`](crate::Background::Transparent) the pictures have the comments
/// alone. The folder must not exist yet, or be empty; it appears when it is whole.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use std::path::Path;
///
/// use overlay_render::{Background, Layout, RenderOptions, render_pictures};
///
/// let options = RenderOptions::default().background(Background::Transparent).seconds(10.0..12.0);
/// let go_on = |_| ControlFlow::Continue(());
/// render_pictures(Path::new("in.mp4"), Path::new("frames"), &Layout::default(), &options, go_on)?;
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// As [`render_with_progress`], and [`Error::Output`] if the folder has something in it.
pub fn render_pictures(
    input: &Path,
    output: &Path,
    layout: &Layout,
    options: &RenderOptions,
    progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<RenderReport, Error> {
    quieten(options);
    let sink = |_| PictureFolder::new(output).map(Sink::Pictures);
    run(input, layout, options, None, sink, progress)
}

/// An output in the place of the video would take away what it was made from.
fn refuse_input(input: &Path, output: &Path) -> Result<(), Error> {
    let is_same = match (input.canonicalize(), output.canonicalize()) {
        (Ok(input), Ok(output)) => input == output,
        _ => false,
    };
    if is_same {
        return Err(failure::output(output, OutputProblem::IsInput));
    }
    Ok(())
}

impl RenderOptions {
    /// Makes sure that [`render`] can write `output` with these options, as far as that is known
    /// before the video is opened: its name, encoder, settings and span. For programs that have
    /// more work to do before.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use overlay_render::RenderOptions;
    ///
    /// let options = RenderOptions::default().encoder("ffv1");
    /// let error = options.check(Path::new("in.mp4"), Path::new("out.mp4")).expect_err("not in MP4");
    /// assert_eq!(error.to_string(), "out.mp4: the container cannot hold a video of ffv1");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`render`].
    pub fn check(&self, input: &Path, output: &Path) -> Result<(), Error> {
        quieten(self);
        self.check_threads()?;
        Span::new(&self.seconds)?;
        refuse_input(input, output)?;
        let choice = Choice::new(output, self, false)?;
        choice.check(output, self)?;
        Encoder::try_hardware(output, self, &choice)
    }
}

pub(super) fn quieten(options: &RenderOptions) {
    if options.quiet {
        ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    }
}

fn run<'a>(
    input: &Path,
    layout: &Layout,
    options: &'a RenderOptions,
    choice: Option<&Choice>,
    sink: impl FnOnce(&'a RenderOptions) -> Result<Sink<'a>, Error>,
    mut progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<RenderReport, Error> {
    options.check_threads()?;
    let span = Span::new(&options.seconds)?;
    let sink = sink(options)?;
    let needs_alpha = options.background == Background::Video
        && choice.is_none_or(|choice| choice.transparent_format().is_some());
    let moves = !layout.comments().is_empty() || options.attention.is_some();
    // A part may begin within a picture that is shown for long.
    let moves = moves || !span.is_all();
    let pace = |info: &StreamInfo| {
        let rate = options.frame_rate.map(FrameRate::ratio);
        Pace::new(info, rate, moves)
    };
    let mark = FileMark::of(input).map_err(|source| Error::read(input, source))?;
    let (info, source) = Source::open(input, span, pace, needs_alpha)?;
    let pool = Pool::default();
    let job = Job {
        input,
        layout,
        options,
        time_base: info.time_base,
        rotation: info.rotation,
        pixel_aspect: info.pixel_aspect,
        alpha_layer: info.alpha_layer.as_deref(),
        choice,
        pool: &pool,
    };
    let pipeline = Pipeline {
        job,
        info: &info,
        mark: &mark,
        span,
        drawers: drawers(options),
        keeps_times: options.frame_rate.is_none() && !moves,
    };
    pipeline.run(source, sink, &mut progress)
}

/// Encoding takes most of the time and all cores; drawing is a small part of it unless pictures are
/// compressed.
fn drawers(options: &RenderOptions) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    match options.draw_threads {
        0 => cores.div_ceil(4),
        threads => threads,
    }
}
