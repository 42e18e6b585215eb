//! A moving picture with comments that is watched while it is written.

use std::fmt;
use std::path::{Path, PathBuf};

use ffmpeg_next::{self as ffmpeg, Dictionary, Rational, Rescale, codec, format};

use super::codecs::Choice;
use super::colors::{depth_and_alpha, encoding};
use super::draw::encodable;
use super::encoder::{Encoder, Setup};
use super::failure;
use super::ffi::set_codec_tag;
use super::files::{file_url, is_address};
use super::frame::{FramePlanes, Preparer, Scaler};
use super::geometry::Geometry;
use super::live_input::{LiveFrame, LiveSound, LiveStreams, SoundStream, TIMEOUT};
use super::options::RenderOptions;
use super::paint_format::PaintFormat;
use super::pool::Pool;
use crate::draw::LiveOverlay;
use crate::error::Error;
use crate::place::LiveStage;
use crate::problem::{InputProblem, OutputProblem};
use crate::text::Fonts;

/// The unit of time of the output's video, as usual in broadcasts.
const TIME_BASE: Rational = Rational(1, 90_000);

/// The containers that can be watched while they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveContainer {
    /// Matroska, `.mkv`.
    Matroska,
    /// MPEG-TS, `.ts`.
    MpegTs,
    /// FLV, `.flv`: what servers of RTMP take.
    Flv,
}

impl LiveContainer {
    /// The container that the name's ending tells; for `-`, standard output, Matroska; for an
    /// address the one that is usual there: FLV for `rtmp://` and `rtmps://`, MPEG-TS for `srt://`,
    /// `udp://` and `tcp://`.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use overlay_render::LiveContainer;
    ///
    /// let of = |name| LiveContainer::of(Path::new(name));
    /// assert_eq!(of("seen.mkv"), Some(LiveContainer::Matroska));
    /// assert_eq!(of("rtmp://host/live/key"), Some(LiveContainer::Flv));
    /// assert_eq!(of("seen.mp4"), None); // cannot be watched before it is whole
    /// ```
    #[must_use]
    pub fn of(name: &Path) -> Option<Self> {
        if name == Path::new("-") {
            return Some(Self::Matroska);
        }
        if let Some((scheme, _)) = name.to_str().and_then(|name| name.split_once("://")) {
            return match scheme.to_ascii_lowercase().as_str() {
                "rtmp" | "rtmps" => Some(Self::Flv),
                "srt" | "tcp" | "udp" => Some(Self::MpegTs),
                _ => None,
            };
        }
        match name.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "mkv" => Some(Self::Matroska),
            "ts" => Some(Self::MpegTs),
            "flv" => Some(Self::Flv),
            _ => None,
        }
    }

    /// FFmpeg's name of it.
    fn name(self) -> &'static str {
        match self {
            Self::Matroska => "matroska",
            Self::MpegTs => "mpegts",
            Self::Flv => "flv",
        }
    }

    /// A name with its ending.
    fn example(self) -> &'static Path {
        Path::new(match self {
            Self::Matroska => "live.mkv",
            Self::MpegTs => "live.ts",
            Self::Flv => "live.flv",
        })
    }
}

/// Writes a moving picture with the comments of a [`LiveStage`] into a file, to standard output or
/// to an address that FFmpeg sends to (`rtmp://`, `srt://`, `udp://` and others), frame by frame as
/// they come, so that a player shows it meanwhile. [`LiveInput`](crate::LiveInput) has an example.
///
/// The size of all pictures is that of the first one; others are scaled. Sound is copied as it is.
/// What has been written is playable at all times; [`finish`](Self::finish) adds what players need
/// for seeking.
///
/// Writing waits for whoever takes the output: with a pipe that nobody reads for ever, with an
/// address for about ten seconds, after which it fails. A program that must be able to stop writes
/// on a thread of its own.
pub struct LiveOutput<'f> {
    path: PathBuf,
    output: format::context::Output,
    video: usize,
    time_base: Rational,
    sound: Option<Sound>,
    encoder: Encoder,
    choice: Choice,
    format: PaintFormat,
    preparer: Preparer,
    scaler: Scaler,
    pool: Pool,
    overlay: LiveOverlay<'f>,
    last_pts: i64,
    without_sound: bool,
}

/// The copied stream of sound.
struct Sound {
    index: usize,
    from: Rational,
    to: Rational,
    last: i64,
}

impl<'f> LiveOutput<'f> {
    /// Opens `path`, an address or `-` for standard output, for pictures like the first one. Of the
    /// options the encoder, its settings, the size and the shape are used. Where none is asked for,
    /// the encoder is x264, also for pictures of 10 bits; x264 and x265 take the preset `superfast`
    /// where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if the encoder or the file cannot be had, [`Error::PictureSize`] for a size
    /// that cannot be drawn.
    pub fn create(
        path: &Path,
        container: LiveContainer,
        streams: &LiveStreams,
        first: &LiveFrame,
        fonts: &'f Fonts,
        options: &RenderOptions,
    ) -> Result<Self, Error> {
        options.check_threads()?;
        let mut options = options.clone();
        let named = container.example();
        let source = first.picture.format();
        let rotation = streams.video.rotation;
        let takes = |choice: &Choice, format: PaintFormat| {
            rotation.turns(format.chroma) && choice.takes(format)
        };
        let choice = choice(named, &options, source, &takes)?;
        if options.preset.is_none() && matches!(choice.name.as_str(), "libx264" | "libx265") {
            options = options.preset("superfast");
        }
        let global_header = choice.check(named, &options)?;
        let (video, size) = (streams.video, first.size());
        let frame = (options.size, options.shape);
        let geometry = Geometry::new(video.rotation, size, video.pixel_aspect, frame)?;
        let format = PaintFormat::of_source(source, |format| takes(&choice, format));
        let overlay = LiveOverlay::new(fonts, geometry.viewport()?).outline(fonts, options.outline);
        let mut preparer = Preparer::new(geometry, format);
        let mut scaler = Scaler::default();
        let pool = Pool::default();
        let shared = super::ffi::share(&first.picture);
        let painted = prepared(&mut preparer, shared, false, &pool)?;
        let example = encodable(painted, format, &mut scaler, &choice).map_err(unconvertible)?;
        let setup = Setup {
            path,
            time_base: TIME_BASE,
            frame_rate: video.frame_rate,
            nominal: 1.rescale(video.frame_rate.invert(), TIME_BASE).max(1),
            geometry,
            options: &options,
            choice: &choice,
            global_header,
            is_live: true,
        };
        let encoder = Encoder::open(&setup, &example)?;
        let rate = video.frame_rate;
        let (opened, without_sound) =
            match begin(path, container, &encoder, rate, streams.sound.as_ref()) {
                Ok(opened) => (opened, false),
                Err(_) if streams.sound.is_some() => {
                    let opened = begin(path, container, &encoder, rate, None);
                    (opened.map_err(|error| refused(path, error))?, true)
                }
                Err(error) => return Err(refused(path, error)),
            };
        let (output, video, sound) = opened;
        let time_base = |index| output.stream(index).map(|stream| stream.time_base());
        let sound = sound
            .zip(streams.sound.as_ref())
            .and_then(|(index, stream)| {
                Some(Sound {
                    index,
                    from: stream.time_base,
                    to: time_base(index)?,
                    last: i64::MIN,
                })
            });
        Ok(Self {
            path: path.to_owned(),
            time_base: time_base(video).unwrap_or(TIME_BASE),
            output,
            video,
            sound,
            encoder,
            choice,
            format,
            preparer,
            scaler,
            pool,
            overlay,
            last_pts: -1,
            without_sound,
        })
    }

    /// Where it is written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the source's sound is left out because the container does not hold it.
    #[must_use]
    pub fn is_without_sound(&self) -> bool {
        self.without_sound
    }

    /// Writes a picture that is shown at `millis` from the beginning, with the comments that are on
    /// the stage then; returns how many those are.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it cannot be written, [`Error::Input`] if it cannot be converted.
    pub fn frame(
        &mut self,
        frame: LiveFrame,
        stage: &LiveStage<'_>,
        millis: i64,
    ) -> Result<usize, Error> {
        #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
        let t = millis as f64 / 10.0;
        let location = frame.picture.chroma_location();
        let shown_for = frame.shown_for();
        let will_paint = stage.comments().len() > 0;
        let mut picture = prepared(&mut self.preparer, frame.picture, will_paint, &self.pool)?;
        let mut painted = 0;
        if will_paint {
            let encoding = encoding(&picture, location, self.format.bits);
            painted = if self.format.bytes() == 1 {
                let planes = &mut FramePlanes::<u8>::new(&mut picture, self.format, (0, 0));
                self.overlay.paint(stage, t, planes, encoding)
            } else {
                let planes = &mut FramePlanes::<u16>::new(&mut picture, self.format, (0, 0));
                self.overlay.paint(stage, t, planes, encoding)
            };
        }
        let mut picture = encodable(picture, self.format, &mut self.scaler, &self.choice)
            .map_err(unconvertible)?;
        let pts = millis.saturating_mul(90).max(self.last_pts + 1);
        self.last_pts = pts;
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let duration = (shown_for * 90_000.0).round() as i64;
        self.encoder.send(&mut picture, pts, duration.max(1))?;
        self.drain()?;
        self.pool.give(picture);
        Ok(painted)
    }

    /// Writes sound that is heard at `seconds` from the beginning; what would go back in time is
    /// left out.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it cannot be written.
    pub fn sound(&mut self, sound: LiveSound, seconds: f64) -> Result<(), Error> {
        let Some(to) = &mut self.sound else {
            return Ok(());
        };
        let mut packet = sound.packet;
        packet.rescale_ts(to.from, to.to);
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = (seconds * 1_000.0).round() as i64;
        let at = millis.rescale(Rational(1, 1_000), to.to);
        if at < 0 || at <= to.last {
            return Ok(());
        }
        to.last = at;
        packet.set_pts(Some(at));
        packet.set_dts(Some(at));
        packet.set_position(-1);
        packet.set_stream(to.index);
        match packet.write_interleaved(&mut self.output) {
            Ok(()) | Err(ffmpeg::Error::InvalidData) => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn drain(&mut self) -> Result<(), Error> {
        while let Some(mut packet) = self.encoder.packet() {
            packet.set_stream(self.video);
            packet.rescale_ts(TIME_BASE, self.time_base);
            let written = packet.write_interleaved(&mut self.output);
            written.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    /// Ends the output.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if it cannot be written.
    pub fn finish(mut self) -> Result<(), Error> {
        self.encoder.finish()?;
        self.drain()?;
        let ended = self.output.write_trailer();
        ended.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: ffmpeg::Error) -> Error {
        failure::output_because(&self.path, OutputProblem::Write, error)
    }
}

impl fmt::Debug for LiveOutput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOutput")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The encoder that is asked for; else x264 where it takes the source's pictures as they are
/// painted on. For deep ones x265, which files get, is too slow to keep up with a large picture on
/// a few cores.
fn choice(
    named: &Path,
    options: &RenderOptions,
    source: format::Pixel,
    takes: &dyn Fn(&Choice, PaintFormat) -> bool,
) -> Result<Choice, Error> {
    let is_deep = depth_and_alpha(source).0 > 8;
    if options.encoder.is_none() && is_deep {
        let fast = Choice::new(named, &options.clone().encoder("libx264"), is_deep);
        let format = |choice: &Choice| {
            PaintFormat::of_source(source, |format: PaintFormat| takes(choice, format))
        };
        if let Ok(choice) = fast
            && format(&choice).bits > 8
        {
            return Ok(choice);
        }
    }
    Choice::new(named, options, is_deep)
}

fn prepared(
    preparer: &mut Preparer,
    picture: ffmpeg::frame::Video,
    will_paint: bool,
    pool: &Pool,
) -> Result<ffmpeg::frame::Video, Error> {
    preparer
        .prepare(picture, will_paint, pool)
        .map_err(unconvertible)
}

fn unconvertible(error: ffmpeg::Error) -> Error {
    failure::input_because(Path::new("frame"), InputProblem::Unconvertible, error)
}

fn refused(path: &Path, error: ffmpeg::Error) -> Error {
    failure::output_because(path, OutputProblem::Write, error)
}

/// Writes the beginning of the output; gives the indices of video and sound.
fn begin(
    path: &Path,
    container: LiveContainer,
    encoder: &Encoder,
    frame_rate: Rational,
    sound: Option<&SoundStream>,
) -> Result<(format::context::Output, usize, Option<usize>), ffmpeg::Error> {
    let is_pipe = path == Path::new("-");
    let mut connection = Dictionary::new();
    let (url, is_address) = match path.to_str().filter(|name| is_address(name)) {
        Some(address) if !address.contains('\0') => (address.to_owned(), true),
        _ if is_pipe => ("pipe:1".to_owned(), false),
        _ => (file_url(path).ok_or(ffmpeg::Error::InvalidData)?, false),
    };
    if is_address {
        connection.set("rw_timeout", TIMEOUT);
    }
    let mut output = format::output_as_with(&url, container.name(), connection)?;
    let mut stream = output.add_stream(encoder.inner().codec())?;
    stream.set_parameters(&**encoder.inner());
    stream.set_time_base(TIME_BASE);
    stream.set_avg_frame_rate(frame_rate);
    let video = stream.index();
    let sound = match sound {
        None => None,
        Some(sound) => {
            let mut stream = output.add_stream(None::<ffmpeg::Codec>)?;
            stream.set_parameters(sound.parameters.clone());
            stream.set_time_base(sound.time_base);
            let mut parameters: codec::Parameters = stream.parameters();
            set_codec_tag(&mut parameters, [0; 4]);
            Some(stream.index())
        }
    };
    let mut settings = Dictionary::new();
    settings.set("flush_packets", "1");
    // Sound that stalls holds the picture up no longer than that, in microseconds.
    settings.set("max_interleave_delta", "500000");
    if container == LiveContainer::Matroska {
        settings.set("cluster_time_limit", "500"); // milliseconds
        if is_pipe || is_address {
            settings.set("live", "1");
        }
    }
    if container == LiveContainer::Flv && is_address {
        // Nothing that was sent can be written anew at the end.
        settings.set("flvflags", "no_duration_filesize");
    }
    output.write_header_with(settings).map(drop)?;
    Ok((output, video, sound))
}
