//! Frames, one after the other.

use std::fmt;
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};

use video_rs::ffmpeg::{self, Packet, decoder, frame, packet};

use super::info::{Opened, decoder, side};
use super::scale::Scaler;
use super::{VideoInfo, rational};
use crate::{Error, Picture, Rational};

/// Frames with more pixels than this are refused: 2^27, or 11585x11585.
const MAX_PIXELS: usize = 1 << 27;
/// So many unreadable packets in a row count as the end of the file.
const MAX_DAMAGED_IN_A_ROW: usize = 1000;
/// A file whose streams end this much before the end that it states was cut off.
const MISSING_SECONDS: f64 = 0.5;

/// How [`VideoFrames`] reads.
///
/// ```
/// let options = frame_features::VideoOptions::default().size(224, 224).every(10);
/// assert_eq!(options.every, 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VideoOptions {
    /// Width and height that frames are stretched to. Default: each frame's own.
    pub size: Option<(u32, u32)>,
    /// Every how many frames one is given: 0, `every`, 2 `every` and so on. Default: 1, all.
    pub every: usize,
    /// Threads that decode; 0 lets FFmpeg choose. Default: 0.
    pub threads: usize,
}

impl Default for VideoOptions {
    fn default() -> Self {
        Self {
            size: None,
            every: 1,
            threads: 0,
        }
    }
}

impl VideoOptions {
    /// Stretches frames to this size while they are decoded.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some((width, height));
        self
    }

    /// Gives one of so many frames; 0 counts as 1.
    #[must_use]
    pub fn every(mut self, frames: usize) -> Self {
        self.every = frames.max(1);
        self
    }

    /// Decodes on so many threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }
}

/// When a frame is shown, exactly: `ticks * time_base` seconds, as `ffprobe -show_frames` says.
///
/// ```
/// use frame_features::{FrameTime, Rational};
///
/// let time = FrameTime { ticks: 1001, time_base: Rational::new(1, 30000) };
/// assert!((time.seconds() - 1.0 / 29.97).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameTime {
    /// Number of units. Can be negative.
    pub ticks: i64,
    /// The unit, in seconds.
    pub time_base: Rational,
}

impl FrameTime {
    /// The time in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        let Rational {
            numerator,
            denominator,
        } = self.time_base;
        match self.ticks.checked_mul(numerator) {
            Some(product) => Rational::new(product, denominator).to_f64(),
            None => Rational::new(self.ticks, 1).to_f64() * self.time_base.to_f64(),
        }
    }
}

/// A decoded frame.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// How many frames come before it in the video.
    pub index: usize,
    /// When it is shown.
    pub time: FrameTime,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Its pixels: rows from the top, red, green and blue in a byte each.
    pub rgb: Vec<u8>,
}

impl Frame {
    /// The frame as a picture, for [`Preprocess`](crate::Preprocess).
    ///
    /// # Panics
    ///
    /// Panics if the fields were changed so that they do not fit each other.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        Picture::new(self.width, self.height, &self.rgb).expect("frames have three bytes a pixel")
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("index", &self.index)
            .field("seconds", &self.time.seconds())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// The frames of a video, in the order in which they are shown.
///
/// Reads any file that FFmpeg reads, at constant or variable frame rates, one frame at a time.
/// Frames are turned as the container asks. A file that was cut off gives the frames there are and
/// then ends; [`ended_early`](Self::ended_early) says so.
///
/// # Example
///
/// ```no_run
/// use frame_features::{VideoFrames, VideoOptions};
///
/// let options = VideoOptions::default().size(224, 224);
/// let mut frames = VideoFrames::open("cafe.mp4", options)?;
/// while let Some(frame) = frames.next_frame()? {
///     println!("{} at {:.3} s", frame.index, frame.time.seconds());
/// }
/// if let Some(reason) = frames.ended_early() {
///     println!("the file is not whole: {reason}");
/// }
/// # Ok::<(), frame_features::Error>(())
/// ```
pub struct VideoFrames {
    path: PathBuf,
    opened: Opened,
    decoder: decoder::Video,
    options: VideoOptions,
    scaler: Scaler,
    /// The frame that was decoded last.
    current: frame::Video,
    state: State,
    /// Frames decoded so far.
    decoded: usize,
    first: Option<i64>,
    last: Option<i64>,
    last_duration: i64,
    /// Where the packets of all streams begin and end, in seconds.
    span: Option<(f64, f64)>,
    ended_early: Option<String>,
    damaged: usize,
    /// The last packet of the video was damaged.
    damaged_at_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    /// The file has ended, the decoder still holds frames.
    Draining,
    Ended,
}

impl VideoFrames {
    /// Opens a video.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Video`] if the file cannot be read, is no video or has no video
    /// stream.
    pub fn open(path: impl AsRef<Path>, options: VideoOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        if matches!(options.size, Some((0, _) | (_, 0))) {
            return Err(Error::video(path, "cannot scale frames to a size of 0"));
        }
        let opened = Opened::new(path)?;
        let decoder = decoder(&opened.parameters, options.threads).map_err(|error| {
            Error::video(path, format!("FFmpeg cannot decode its video ({error})"))
        })?;
        let size = options
            .size
            .map(|(width, height)| opened.rotation.turned(width, height));
        Ok(Self {
            path: path.to_path_buf(),
            opened,
            decoder,
            options,
            scaler: Scaler::new(size),
            current: frame::Video::empty(),
            state: State::Reading,
            decoded: 0,
            first: None,
            last: None,
            last_duration: 0,
            span: None,
            ended_early: None,
            damaged: 0,
            damaged_at_end: false,
        })
    }

    /// What the container says of the video.
    #[must_use]
    pub fn info(&self) -> &VideoInfo {
        &self.opened.info
    }

    /// Frames decoded so far, given or not: at the end, the number of frames in the video.
    #[must_use]
    pub fn decoded(&self) -> usize {
        self.decoded
    }

    /// Packets that FFmpeg could not decode. The frames around them may be damaged or missing.
    #[must_use]
    pub fn damaged_packets(&self) -> usize {
        self.damaged
    }

    /// Seconds from the first frame's time to the end of the last one decoded.
    #[must_use]
    pub fn decoded_duration(&self) -> f64 {
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return 0.0;
        };
        let ticks = last
            .saturating_sub(first)
            .saturating_add(self.last_duration);
        FrameTime {
            ticks,
            time_base: self.opened.info.time_base,
        }
        .seconds()
    }

    /// After the last frame: why the video is thought to be cut off, with the time, if it is.
    ///
    /// It is if reading fails, if the last packet cannot be decoded, or if all streams of the file
    /// end more than half a second before the end that it states.
    #[must_use]
    pub fn ended_early(&self) -> Option<&str> {
        self.ended_early.as_deref()
    }

    /// The next frame, or nothing after the last one.
    ///
    /// # Errors
    ///
    /// [`Error::Video`] if there was no frame at all, or if frames are too large.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        let Some((index, time)) = self.advance()? else {
            return Ok(None);
        };
        let (rgb, width, height) = self
            .scaler
            .rgb(&self.current)
            .map_err(|error| self.error(format!("frame {index} cannot be scaled ({error})")))?;
        let (width, height) = (side(width), side(height));
        let rotation = self.opened.rotation;
        let rgb = rotation.turn(rgb, width, height);
        let (width, height) = rotation.turned(width, height);
        Ok(Some(Frame {
            index,
            time,
            width,
            height,
            rgb,
        }))
    }

    /// Goes to the next frame that is to be given without making its picture.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn skip_frame(&mut self) -> Result<Option<(usize, FrameTime)>, Error> {
        self.advance()
    }

    fn advance(&mut self) -> Result<Option<(usize, FrameTime)>, Error> {
        while self.decode()? {
            let index = self.decoded - 1;
            if index.is_multiple_of(self.options.every) {
                let time = FrameTime {
                    ticks: self.last.unwrap_or(0),
                    time_base: self.opened.info.time_base,
                };
                return Ok(Some((index, time)));
            }
        }
        if self.decoded == 0 {
            return Err(self.error("there are no frames in it"));
        }
        Ok(None)
    }

    /// Decodes one frame into `current`; false after the last one.
    fn decode(&mut self) -> Result<bool, Error> {
        loop {
            if self.state == State::Ended {
                return Ok(false);
            }
            match self.decoder.receive_frame(&mut self.current) {
                Ok(()) => {
                    self.note_frame()?;
                    return Ok(true);
                }
                Err(ffmpeg::Error::Eof) => {
                    self.end();
                    return Ok(false);
                }
                Err(error) if again(error) => {}
                Err(_) => {
                    self.damaged += 1;
                    self.damaged_at_end = true;
                }
            }
            if self.state == State::Draining {
                // A decoder that was told of the end answers with frames, then with Eof.
                self.end();
                return Ok(false);
            }
            self.feed();
        }
    }

    /// Gives the decoder the next packet of the video, or tells it of the end.
    fn feed(&mut self) {
        let mut packet = Packet::empty();
        let mut unreadable = 0;
        loop {
            match packet.read(&mut self.opened.input) {
                Ok(()) => {
                    self.note_packet(&packet);
                    if packet.stream() == self.opened.stream {
                        break;
                    }
                }
                Err(ffmpeg::Error::Eof) => return self.drain(),
                Err(ffmpeg::Error::InvalidData) if unreadable < MAX_DAMAGED_IN_A_ROW => {
                    unreadable += 1;
                }
                Err(error) => {
                    self.ended_early = Some(format!("reading failed ({error})"));
                    return self.drain();
                }
            }
        }
        let cut = packet.flags().contains(packet::Flags::CORRUPT);
        let refused = self.decoder.send_packet(&packet).is_err();
        if refused {
            self.damaged += 1;
        }
        self.damaged_at_end = cut || refused;
    }

    /// Widens `span` by a packet.
    fn note_packet(&mut self, packet: &Packet) {
        let stream = self.opened.input.stream(packet.stream());
        let (Some(stream), Some(pts)) = (stream, packet.pts()) else {
            return;
        };
        let seconds = |ticks| {
            FrameTime {
                ticks,
                time_base: rational(stream.time_base()),
            }
            .seconds()
        };
        let begins = seconds(pts);
        let ends = seconds(pts.saturating_add(packet.duration().max(0)));
        let (first, last) = self.span.unwrap_or((begins, ends));
        self.span = Some((first.min(begins), last.max(ends)));
    }

    fn drain(&mut self) {
        self.state = State::Draining;
        if self.decoder.send_eof().is_err() {
            self.state = State::Ended;
        }
    }

    /// Judges whether the video ended where it should.
    fn end(&mut self) {
        self.state = State::Ended;
        let decoded = self.decoded_duration();
        let stated = self.opened.stated;
        let missing = self
            .span
            .is_some_and(|(first, last)| last - first + MISSING_SECONDS < stated);
        let reason = if let Some(reason) = self.ended_early.take() {
            reason
        } else if self.damaged_at_end {
            "the last packet is damaged".to_owned()
        } else if missing {
            format!("the file states {stated:.3} s")
        } else {
            return;
        };
        self.ended_early = Some(format!(
            "after frame {}, {decoded:.3} s from the first: {reason}",
            self.decoded.saturating_sub(1)
        ));
    }

    /// Takes the time of the frame in `current` and counts it.
    fn note_frame(&mut self) -> Result<(), Error> {
        let pixels = side(self.current.width()).saturating_mul(side(self.current.height()));
        if pixels == 0 || pixels > MAX_PIXELS {
            return Err(self.error(format!(
                "frame {} is {}x{}, expected at most {MAX_PIXELS} pixels",
                self.decoded,
                self.current.width(),
                self.current.height()
            )));
        }
        let usual = self.usual_duration();
        let own = self.current.packet().duration;
        // A frame without a time of its own follows the one before it.
        let follows = self
            .last
            .map_or(0, |last| last.saturating_add(self.last_duration));
        let ticks = self.current.timestamp().unwrap_or(follows);
        self.last_duration = if own > 0 { own } else { usual };
        self.first.get_or_insert(ticks);
        self.last = Some(ticks);
        self.decoded += 1;
        Ok(())
    }

    /// A frame's duration in ticks at the average rate; at least 1.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float cast to an integer is held within its range"
    )]
    fn usual_duration(&self) -> i64 {
        let rate = self.opened.info.frame_rate.to_f64();
        let unit = self.opened.info.time_base.to_f64();
        if rate <= 0.0 || unit <= 0.0 {
            return 1;
        }
        ((1.0 / (rate * unit)).round() as i64).max(1)
    }

    fn error(&self, problem: impl Into<String>) -> Error {
        Error::video(&self.path, problem)
    }
}

fn again(error: ffmpeg::Error) -> bool {
    error
        == ffmpeg::Error::Other {
            errno: ffmpeg::util::error::EAGAIN,
        }
}

impl Iterator for VideoFrames {
    type Item = Result<Frame, Error>;

    /// As [`next_frame`](VideoFrames::next_frame); nothing more comes after an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let next = self.next_frame();
        if next.is_err() {
            self.state = State::Ended;
        }
        next.transpose()
    }
}

impl FusedIterator for VideoFrames {}

impl fmt::Debug for VideoFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoFrames")
            .field("path", &self.path)
            .field("info", &self.opened.info)
            .field("options", &self.options)
            .field("state", &self.state)
            .field("decoded", &self.decoded)
            .finish_non_exhaustive()
    }
}
