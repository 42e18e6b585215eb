//! A moving picture that is shown while it is read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{
    self as ffmpeg, Dictionary, Rational, Rescale, codec, decoder, format, frame, media,
};

use super::failure;
use super::ffi::pixel_aspect;
use super::files::{file_url, is_address};
use super::frame::Scaler;
use super::frames::{State, decoder};
use super::open::read_only;
use super::rotation::Rotation;
use super::stream_info::{duration, frame_rate};
use super::time::{ratio, seconds};
use crate::error::Error;
use crate::limits::MAX_SIDE;
use crate::problem::InputProblem;

/// Packets in a row that may be unreadable.
const MAX_LOST: usize = 1_000;
/// How much of a stream is looked at before it begins, in microseconds.
const LOOKED_AT: &str = "500000";
/// How long the other side of an address may take nothing and give nothing, in microseconds.
pub(super) const TIMEOUT: &str = "10000000";

/// A moving picture that is read once, from its beginning: a file, standard input (`-`), or an address
/// that FFmpeg opens (`rtsp://`, `rtmp://`, `udp://`, `http://` and others).
///
/// Frames come as the source has them; whoever shows them waits for their times. Beside the video,
/// the best stream of sound is given packet by packet.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
/// use std::sync::atomic::AtomicBool;
///
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{
///     Fonts, LayoutOptions, LiveContainer, LiveInput, LiveItem, LiveOutput, LiveStage,
///     RenderOptions,
/// };
///
/// let stop = Arc::new(AtomicBool::new(false)); // for the thread that ends it
/// let (from, to) = ("rtmp://localhost/live/in", Path::new("rtmp://localhost/live/out"));
/// let container = LiveContainer::of(to).expect("it is sent as FLV");
/// let mut input = LiveInput::open(Path::new(from), stop)?;
/// let (fonts, streams) = (Fonts::system()?, input.streams());
/// let options = RenderOptions::default();
/// let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
/// let (mut output, mut start) = (None, None);
/// while let Some(item) = input.next_item()? {
///     match item {
///         LiveItem::Frame(frame) => {
///             let seconds = frame.seconds() - *start.get_or_insert(frame.seconds());
///             let millis = (seconds * 1_000.0) as i64;
///             if output.is_none() {
///                 let opened =
///                     LiveOutput::create(to, container, &streams, &frame, &fonts, &options)?;
///                 output = Some(opened);
///                 stage.show(&Comment::new(Vpos(0), "うぽつ"), millis / 10); // as they come
///             }
///             if let Some(output) = &mut output {
///                 output.frame(frame, &stage, millis)?;
///             }
///         }
///         LiveItem::Sound(sound) => {
///             if let (Some(output), Some(start)) = (&mut output, start) {
///                 let seconds = sound.seconds() - start;
///                 output.sound(sound, seconds)?;
///             }
///         }
///         _ => {}
///     }
/// }
/// output.map_or(Ok(()), LiveOutput::finish)?;
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// `SteadyTime` of the crate `nico-live` makes one rising time of a source that stalls, jumps or
/// begins anew.
pub struct LiveInput {
    name: PathBuf,
    stop: Arc<AtomicBool>,
    input: format::context::Input,
    decoder: decoder::Video,
    video: Video,
    sound: Option<(usize, Rational)>,
    /// Duration of a frame that has none.
    nominal: i64,
    last: Option<i64>,
    state: State,
    broken: u64,
}

/// What the source says of its video.
#[derive(Clone, Copy)]
pub(super) struct Video {
    pub(super) index: usize,
    pub(super) time_base: Rational,
    pub(super) frame_rate: Rational,
    pub(super) rotation: Rotation,
    pub(super) pixel_aspect: Rational,
    seconds: f64,
}

/// What comes next of a [`LiveInput`].
#[derive(Debug)]
#[non_exhaustive]
pub enum LiveItem {
    /// A picture.
    Frame(LiveFrame),
    /// Sound, as it is in the source.
    Sound(LiveSound),
}

/// A picture of a [`LiveInput`].
pub struct LiveFrame {
    pub(super) picture: frame::Video,
    seconds: f64,
    shown_for: f64,
}

/// A packet of sound.
pub struct LiveSound {
    pub(super) packet: ffmpeg::Packet,
    seconds: f64,
}

/// What a [`LiveOutput`](crate::LiveOutput) has to know of a [`LiveInput`].
pub struct LiveStreams {
    pub(super) video: Video,
    pub(super) sound: Option<SoundStream>,
}

/// A stream of sound that can be copied.
pub(super) struct SoundStream {
    pub(super) parameters: codec::Parameters,
    pub(super) time_base: Rational,
}

impl LiveInput {
    /// Opens it. Once `stop` is set, by another thread, reading ends as at the end of the source,
    /// also while it waits for an address; a read of standard input goes on until something comes.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] or [`Error::Input`] if it cannot be read, is no video, or has none;
    /// [`Error::Stopped`] if `stop` is set by then.
    pub fn open(name: &Path, stop: Arc<AtomicBool>) -> Result<Self, Error> {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
        let url = url(name)?;
        let mut settings = Dictionary::new();
        if !url.starts_with("file:") {
            settings.set("analyzeduration", LOOKED_AT);
            settings.set("rw_timeout", TIMEOUT);
        }
        if is_address(&url) {
            // What came while it was looked at is gone by: of a pipe it is kept.
            settings.set("fflags", "nobuffer");
        }
        let flag = Arc::clone(&stop);
        let stopped = move || flag.load(Ordering::Relaxed);
        let mut input = format::input_with_interrupt_and_dictionary(&url, stopped, settings)
            .map_err(|error| match stop.load(Ordering::Relaxed) {
                true => Error::Stopped,
                false => failure::input_because(name, InputProblem::NotAVideo, error),
            })?;
        let video = input
            .streams()
            .best(media::Type::Video)
            .filter(|stream| !stream.disposition().contains(Disposition::ATTACHED_PIC))
            .map(|stream| stream.index())
            .ok_or_else(|| failure::input(name, InputProblem::NoVideoStream))?;
        let sound = input.streams().best(media::Type::Audio);
        let sound = sound.map(|stream| (stream.index(), stream.time_base()));
        let is_wanted = |index| index == video || sound.is_some_and(|sound| sound.0 == index);
        read_only(&mut input, is_wanted);
        let stream = input
            .stream(video)
            .ok_or_else(|| failure::input(name, InputProblem::NoVideoStream))?;
        let decoder = decoder(&stream, false)
            .map_err(|error| failure::input_because(name, InputProblem::Undecodable, error))?;
        let aspect = [pixel_aspect(&stream), decoder.aspect_ratio()];
        let aspect = aspect.into_iter().find(|&aspect| ratio(aspect) > 0.0);
        let video = Video {
            index: video,
            time_base: stream.time_base(),
            frame_rate: frame_rate(&stream),
            rotation: Rotation::of(&stream),
            pixel_aspect: aspect.unwrap_or(Rational(0, 1)),
            seconds: duration(&input, &stream),
        };
        let nominal = 1.rescale(video.frame_rate.invert(), video.time_base);
        Ok(Self {
            name: name.to_owned(),
            stop,
            nominal: nominal.max(1),
            decoder,
            video,
            sound,
            input,
            last: None,
            state: State::Hungry,
            broken: 0,
        })
    }

    /// Frames a second, on average, as the source says.
    #[must_use]
    pub fn frame_rate(&self) -> f64 {
        ratio(self.video.frame_rate)
    }

    /// Length in seconds where the source says so, else 0.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.video.seconds
    }

    /// Packets that could not be read or decoded so far.
    #[must_use]
    pub fn broken_packets(&self) -> u64 {
        self.broken
    }

    /// What an output has to know.
    #[must_use]
    pub fn streams(&self) -> LiveStreams {
        let sound = self.sound.and_then(|(index, time_base)| {
            let parameters = self.input.stream(index)?.parameters();
            Some(SoundStream {
                parameters,
                time_base,
            })
        });
        LiveStreams {
            video: self.video,
            sound,
        }
    }

    /// What comes next; `None` at the end of the source, and once it is stopped.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the source breaks off, or has frames that are too large.
    pub fn next_item(&mut self) -> Result<Option<LiveItem>, Error> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.state {
                State::Full | State::Draining => {
                    if let Some(frame) = self.receive()? {
                        return Ok(Some(LiveItem::Frame(frame)));
                    }
                }
                State::Hungry => {
                    if let Some(sound) = self.read()? {
                        return Ok(Some(LiveItem::Sound(sound)));
                    }
                }
                State::Ended => return Ok(None),
            }
        }
    }

    /// A frame of the decoder's, if it has one; else the state says what to do next.
    fn receive(&mut self) -> Result<Option<LiveFrame>, Error> {
        let mut picture = frame::Video::empty();
        match self.decoder.receive_frame(&mut picture) {
            Ok(()) => {
                let (width, height) = (picture.width(), picture.height());
                if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
                    return Err(Error::PictureSize { width, height });
                }
                let next = self
                    .last
                    .map_or(0, |last| last.saturating_add(self.nominal));
                let pts = picture.timestamp().unwrap_or(next);
                self.last = Some(pts);
                let own = picture.packet().duration;
                let duration = if own > 0 { own } else { self.nominal };
                return Ok(Some(LiveFrame {
                    seconds: seconds(pts, self.video.time_base),
                    shown_for: seconds(duration, self.video.time_base),
                    picture,
                }));
            }
            Err(ffmpeg::Error::Eof) => self.state = State::Ended,
            Err(ffmpeg::Error::Other { .. }) if self.state == State::Full => {
                self.state = State::Hungry;
            }
            Err(_) if self.state == State::Full => {
                self.broken += 1;
                self.state = State::Hungry;
            }
            Err(_) => self.state = State::Ended,
        }
        Ok(None)
    }

    /// Gives the decoder a packet, or gives a packet of sound.
    fn read(&mut self) -> Result<Option<LiveSound>, Error> {
        let mut packet = ffmpeg::Packet::empty();
        let mut lost = 0;
        loop {
            match packet.read(&mut self.input) {
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => {
                    let draining = self.decoder.send_eof().is_ok();
                    self.state = if draining {
                        State::Draining
                    } else {
                        State::Ended
                    };
                    return Ok(None);
                }
                Err(ffmpeg::Error::InvalidData) if lost < MAX_LOST => {
                    lost += 1;
                    self.broken += 1;
                    continue;
                }
                // It was waited for: nothing is wrong with the source.
                Err(_) if self.stop.load(Ordering::Relaxed) => return Ok(None),
                Err(error) => {
                    let problem = InputProblem::Unreadable;
                    return Err(failure::input_because(&self.name, problem, error));
                }
            }
            if packet.stream() == self.video.index {
                if self.decoder.send_packet(&packet).is_err() {
                    self.broken += 1;
                }
                self.state = State::Full;
                return Ok(None);
            }
            if let Some((index, time_base)) = self.sound
                && packet.stream() == index
                && let Some(pts) = packet.pts().or(packet.dts())
            {
                return Ok(Some(LiveSound {
                    seconds: seconds(pts, time_base),
                    packet,
                }));
            }
        }
    }
}

impl LiveFrame {
    /// Its time as the source counts, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// How long it is shown, in seconds, as far as the source says.
    #[must_use]
    pub fn shown_for(&self) -> f64 {
        self.shown_for
    }

    /// Width and height as it is stored, in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.picture.width(), self.picture.height())
    }
}

impl LiveSound {
    /// Its time as the source counts, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.seconds
    }
}

/// Makes RGB of frames, for whoever looks at them. Keeps what it needs for frames of one size.
#[derive(Default)]
pub struct RgbFrames {
    scaler: Scaler,
}

impl RgbFrames {
    /// A frame in red, green and blue, rows from the top, and its width and height. Those larger
    /// than `most` pixels high are made smaller. It is as the source stores it, not rotated.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if FFmpeg cannot convert it.
    pub fn rgb(&mut self, frame: &LiveFrame, most: u32) -> Result<(usize, usize, Vec<u8>), Error> {
        let (width, height) = frame.size();
        let scaled = if height > most {
            let wide = u64::from(width) * u64::from(most) / u64::from(height);
            (u32::try_from(wide.max(1)).unwrap_or(1), most.max(1))
        } else {
            (width, height)
        };
        let unfit =
            |error| failure::input_because(Path::new("frame"), InputProblem::Unconvertible, error);
        let picture = &frame.picture;
        let out = self
            .scaler
            .run(picture, format::Pixel::RGB24, scaled)
            .map_err(unfit)?;
        let side = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let (width, height) = (side(out.width()), side(out.height()));
        let mut rgb = Vec::with_capacity(width * height * 3);
        for row in out.data(0).chunks(out.stride(0)).take(height) {
            rgb.extend_from_slice(&row[..width * 3]);
        }
        Ok((width, height, rgb))
    }
}

/// The name as FFmpeg takes it.
fn url(name: &Path) -> Result<String, Error> {
    if name == Path::new("-") {
        return Ok("pipe:0".to_owned());
    }
    let text = name.to_str().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| failure::input(name, InputProblem::Name))?;
    if is_address(text) {
        return Ok(text.to_owned());
    }
    let meta = std::fs::metadata(name).map_err(|source| Error::read(name, source))?;
    if meta.is_dir() {
        return Err(failure::input(name, InputProblem::Folder));
    }
    file_url(name).ok_or_else(|| failure::input(name, InputProblem::Name))
}

impl fmt::Debug for LiveInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveInput")
            .field("name", &self.name)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LiveFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveFrame")
            .field("seconds", &self.seconds)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LiveSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSound")
            .field("seconds", &self.seconds)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LiveStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveStreams").finish_non_exhaustive()
    }
}

impl fmt::Debug for RgbFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RgbFrames").finish_non_exhaustive()
    }
}
