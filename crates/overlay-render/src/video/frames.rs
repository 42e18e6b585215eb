//! Reading a video's pictures.

use std::path::{Path, PathBuf};
use std::thread;

use ffmpeg_next::{self as ffmpeg, Rational, codec, decoder, format, frame};

use super::failure;
use super::ffi::pixel_aspect;
use super::open::{open, read_only, seek};
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::{offset, ratio, seconds};
use crate::error::Error;
use crate::problem::InputProblem;

/// Packets in a row that may be unreadable.
const MAX_LOST: usize = 10_000;
/// Failures in a row after which the decoder gets its next packet.
const MAX_FAILURES: usize = 16;
/// How far before the wanted time reading begins, in seconds, one try after the other. Demuxers
/// find places by decoding times, which lie earlier; those of streams without an index (MPEG-TS,
/// MPEG-PS) find any packet, and the next key frame may come as late as encoders space them.
const EARLIER: [f64; 4] = [0.5, 4.0, 16.0, 64.0];

/// A picture with its time, counted from the start of the file in the video stream's time base.
/// Times grow.
pub(super) struct TimedFrame {
    pub(super) picture: frame::Video,
    pub(super) pts: i64,
    /// How long the file says that it is shown; 0 if it does not say.
    pub(super) duration: i64,
}

/// How reading went.
#[derive(Clone, Debug, Default)]
pub(super) struct FrameCounts {
    /// Packets of the video, broken ones as well.
    pub(super) packets: u64,
    /// Frames decoded, those outside the span as well.
    pub(super) decoded: u64,
    /// Packets that could not be read or decoded.
    pub(super) broken: u64,
    /// Frames whose damage the decoder covered up.
    pub(super) concealed: u64,
    /// Frames whose time was before that of the one before.
    pub(super) gone_back: u64,
    /// When the last frame that was decoded ends, in seconds.
    pub(super) end: f64,
    /// Why the file could not be read to its end.
    pub(super) ended_early: Option<String>,
}

/// The pictures of an opened video, in the order in which they are shown.
pub(super) struct Frames {
    path: PathBuf,
    input: format::context::Input,
    decoder: decoder::Video,
    video: usize, // index of the stream
    time_base: Rational,
    offset: i64,  // start of the file
    nominal: i64, // duration of a frame that has none
    last: Option<i64>,
    first: Option<TimedFrame>, // found while the beginning was looked for
    seeking: Option<Seeking>,
    state: State,
    failures: usize,
    counts: FrameCounts,
}

/// What came first after a place in the middle of the file was sought.
#[derive(Clone, Copy, Default)]
struct Seeking {
    key: Option<Option<f64>>, // time of the first key frame's packet, if it has one
    has_time: bool,           // the first frame has one of its own
    is_whole: bool,           // the first frame is undamaged
}

/// How far a decoder is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The decoder wants a packet.
    Hungry,
    /// The decoder may have frames.
    Full,
    /// It has everything, and gives the rest.
    Draining,
    Ended,
}

/// Where reading begins, beside where it should.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Landing {
    /// At a frame that is shown by then.
    Early,
    /// After it, or nowhere.
    Late,
    /// At frames without times: the whole file has none.
    Timeless,
}

impl Frames {
    /// Opens a video. The first frame is the one shown at `from` seconds or one before it: the
    /// video's first, or a key frame.
    ///
    /// Where a demuxer goes is not taken on trust. Those of streams without an index land in the
    /// middle of what cannot be decoded without what came before, and raw streams have no times at
    /// all once their beginning was skipped; so the first frame is looked at, and reading begins
    /// earlier, in the end at the start of the file, until it is right.
    pub(super) fn open(
        path: &Path,
        from: f64,
        needs_alpha: bool,
    ) -> Result<(StreamInfo, Self), Error> {
        for earlier in EARLIER {
            if from - earlier <= 0.0 {
                break;
            }
            let (info, mut frames) = Self::at_start(path, needs_alpha)?;
            if !seek(&mut frames.input, info.start + from - earlier) {
                break;
            }
            frames.seeking = Some(Seeking::default());
            match frames.land(from + Span::SAME) {
                Landing::Early => return Ok((info, frames)),
                Landing::Late => {}
                Landing::Timeless => break,
            }
        }
        Self::at_start(path, needs_alpha)
    }

    fn at_start(path: &Path, needs_alpha: bool) -> Result<(StreamInfo, Self), Error> {
        let (mut input, video) = open(path)?;
        read_only(&mut input, |index| index == video);
        let stream = input
            .stream(video)
            .ok_or_else(|| failure::input(path, InputProblem::NoVideoStream))?;
        let decoder = decoder(&stream, needs_alpha)
            .map_err(|error| failure::input_because(path, InputProblem::Undecodable, error))?;
        // The container's word counts before the codec's.
        let aspect = [pixel_aspect(&stream), decoder.aspect_ratio()];
        let aspect = aspect.into_iter().find(|&aspect| ratio(aspect) > 0.0);
        let info = StreamInfo::of(&input, &stream, aspect.unwrap_or(Rational(0, 1)));
        let frames = Self {
            path: path.to_owned(),
            decoder,
            video,
            time_base: info.time_base,
            offset: offset(info.start, info.time_base),
            nominal: info.nominal_duration(),
            last: None,
            first: None,
            seeking: None,
            state: State::Hungry,
            failures: 0,
            counts: FrameCounts::default(),
            input,
        };
        Ok((info, frames))
    }

    /// Decodes the first frame and looks whether it is shown by `time`.
    fn land(&mut self, time: f64) -> Landing {
        while self.first.is_none() && self.state != State::Ended {
            match self.step() {
                Ok(frame) => self.first = frame,
                Err(_) => return Landing::Late,
            }
            match self.seeking.and_then(|seeking| seeking.key) {
                Some(None) => return Landing::Timeless,
                Some(Some(key)) if key > time => return Landing::Late,
                _ => {}
            }
        }
        let seeking = self.seeking.take().unwrap_or_default();
        match &self.first {
            Some(_) if !seeking.has_time => Landing::Timeless,
            Some(first) if seeking.is_whole && seconds(first.pts, self.time_base) <= time => {
                Landing::Early
            }
            _ => Landing::Late,
        }
    }

    /// How reading went so far.
    pub(super) fn counts(&self) -> &FrameCounts {
        &self.counts
    }

    /// The next frame, `None` at the end of the file.
    pub(super) fn next_frame(&mut self) -> Result<Option<TimedFrame>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        while self.state != State::Ended {
            if let Some(frame) = self.step()? {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    fn step(&mut self) -> Result<Option<TimedFrame>, Error> {
        match self.state {
            State::Full | State::Draining => Ok(self.receive()),
            State::Hungry => self.read().map(|()| None),
            State::Ended => Ok(None),
        }
    }

    /// A frame of the decoder's, if it has one; else the state says what to do next.
    fn receive(&mut self) -> Option<TimedFrame> {
        let mut picture = frame::Video::empty();
        match self.decoder.receive_frame(&mut picture) {
            Ok(()) => {
                self.failures = 0;
                self.counts.decoded += 1;
                let is_damaged = picture.is_corrupt() || picture.has_decode_errors();
                self.counts.concealed += u64::from(is_damaged);
                if let Some(seeking) = &mut self.seeking {
                    seeking.has_time = picture.timestamp().is_some();
                    seeking.is_whole = !is_damaged;
                }
                return Some(self.timed(picture));
            }
            Err(ffmpeg::Error::Eof) => self.state = State::Ended,
            Err(ffmpeg::Error::Other { .. }) if self.state == State::Full => {
                self.state = State::Hungry;
            }
            Err(_) => {
                self.counts.broken += 1;
                self.failures += 1;
                if self.failures >= MAX_FAILURES {
                    self.failures = 0;
                    self.state = match self.state {
                        State::Draining => State::Ended,
                        _ => State::Hungry,
                    };
                }
            }
        }
        None
    }

    /// Reads a packet and gives it to the decoder.
    fn read(&mut self) -> Result<(), Error> {
        let mut packet = ffmpeg::Packet::empty();
        match packet.read(&mut self.input) {
            Ok(()) => self.failures = 0,
            Err(ffmpeg::Error::InvalidData) if self.failures < MAX_LOST => {
                self.counts.broken += 1;
                self.failures += 1;
                return Ok(());
            }
            Err(error) => {
                if error != ffmpeg::Error::Eof {
                    if self.counts.decoded == 0 {
                        let problem = InputProblem::Unreadable;
                        return Err(failure::input_because(&self.path, problem, error));
                    }
                    self.counts.ended_early = Some(error.to_string());
                }
                self.state = match self.decoder.send_eof() {
                    Ok(()) => State::Draining,
                    Err(_) => State::Ended,
                };
                return Ok(());
            }
        }
        if packet.stream() != self.video {
            return Ok(());
        }
        self.counts.packets += 1;
        if let Some(seeking) = &mut self.seeking
            && seeking.key.is_none()
        {
            if !packet.is_key() {
                return Ok(()); // some decoders show grey for what they lack
            }
            let time = packet.pts().or(packet.dts());
            let time = time.map(|time| seconds(time.saturating_sub(self.offset), self.time_base));
            seeking.key = Some(time);
        }
        if self.decoder.send_packet(&packet).is_err() {
            self.counts.broken += 1;
        }
        self.state = State::Full;
        Ok(())
    }

    /// Encoders need growing times: a frame without one follows the one before, as does one that
    /// goes back.
    fn timed(&mut self, picture: frame::Video) -> TimedFrame {
        let pts = match (picture.timestamp(), self.last) {
            (Some(pts), Some(last)) => {
                let pts = pts.saturating_sub(self.offset);
                self.counts.gone_back += u64::from(pts < last);
                pts.max(last.saturating_add(1))
            }
            (Some(pts), None) => pts.saturating_sub(self.offset),
            (None, Some(last)) => last.saturating_add(self.nominal),
            (None, None) => 0,
        };
        self.last = Some(pts);
        let duration = picture.packet().duration.max(0);
        let lasting = if duration > 0 { duration } else { self.nominal };
        let end = seconds(pts.saturating_add(lasting), self.time_base);
        self.counts.end = self.counts.end.max(end);
        TimedFrame {
            picture,
            pts,
            duration,
        }
    }
}

/// A decoder for the stream. FFmpeg's own ones of VP8 and VP9 pass over transparency, those of
/// libvpx take a third longer and have it.
pub(super) fn decoder(
    stream: &format::stream::Stream<'_>,
    needs_alpha: bool,
) -> Result<decoder::Video, ffmpeg::Error> {
    let mut context = codec::Context::from_parameters(stream.parameters())?;
    context.set_threading(codec::threading::Config {
        kind: codec::threading::Type::Frame,
        count: threads(),
        ..Default::default()
    });
    let with_alpha = (needs_alpha && super::stream_info::has_alpha_layer(stream))
        .then(|| match stream.parameters().id() {
            codec::Id::VP8 => decoder::find_by_name("libvpx"),
            codec::Id::VP9 => decoder::find_by_name("libvpx-vp9"),
            _ => None,
        })
        .flatten();
    match with_alpha {
        Some(codec) => context.decoder().open_as(codec)?.video(),
        None => context.decoder().video(),
    }
}

/// Threads of the decoder: half the cores, since encoding takes longer and more threads cost more
/// in all.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}
