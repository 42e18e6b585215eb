//! Reading a video: its frames decoded, everything else packet by packet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::thread;

use ffmpeg_next::{
    self as ffmpeg, Rational, codec, decoder, format, format::stream::Disposition, frame, media,
};

use super::failure;
use super::ffi::pixel_aspect;
use super::files::file_url;
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::{offset, ratio, seconds};
use crate::error::Error;
use crate::problem::InputProblem;

/// Packets in a row that may be unreadable.
const MAX_LOST: usize = 10_000;
/// Failures in a row after which the decoder gets its next packet.
const MAX_FAILURES: usize = 16;
/// How far before the wanted time reading begins, in seconds: demuxers find it by decoding times,
/// which lie earlier.
const EARLIER: f64 = 0.5;
/// How far after the last wanted frame other streams are looked for, in seconds.
const LATER: f64 = 10.0;

/// What a video consists of, in the order of the file.
pub(super) enum Item {
    /// A picture of the video.
    Frame(TimedFrame),
    /// A packet of another stream, by the stream's index in the source.
    Packet(usize, ffmpeg::Packet),
}

/// A picture with its time, counted from the start of the file in the video stream's time base.
/// Times grow.
pub(super) struct TimedFrame {
    pub(super) picture: frame::Video,
    pub(super) pts: i64,
    pub(super) duration: i64,
}

/// How reading went.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadCounts {
    /// Frames handed on.
    pub(super) frames: u64,
    /// Packets of the video, broken ones as well.
    pub(super) packets: u64,
    /// Frames decoded, those outside the span as well.
    pub(super) decoded: u64,
    /// Packets that could not be read or decoded.
    pub(super) broken: u64,
    /// Frames whose damage the decoder covered up.
    pub(super) concealed: u64,
    /// Why the file could not be read to its end.
    pub(super) ended_early: Option<String>,
}

/// An opened video.
pub(super) struct Source {
    path: PathBuf,
    input: format::context::Input,
    decoder: decoder::Video,
    video: usize, // index of the stream
    time_base: Rational,
    wanted: HashMap<usize, Other>, // the others, by index
    span: Span,
    offset: i64,  // start of the file
    nominal: i64, // duration of a frame that has none
    last: Option<i64>,
    state: State,
    failures: usize,
    counts: ReadCounts,
}

/// Another stream that is read.
struct Other {
    time_base: Rational,
    offset: i64,
    is_timed: bool, // covers are not
    is_past: bool,  // beyond the span; only sound is waited for
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The decoder wants a packet.
    Hungry,
    /// The decoder may have frames.
    Full,
    /// It has everything, and gives the rest.
    Draining,
    /// All frames are out; packets of other streams may follow.
    FramesDone,
    Ended,
}

impl Source {
    pub(super) fn open(path: &Path, span: Span) -> Result<(StreamInfo, Self), Error> {
        let meta = std::fs::metadata(path).map_err(|source| Error::read(path, source))?;
        if meta.is_dir() {
            return Err(failure::input(path, InputProblem::Folder));
        }
        start();
        let url = file_url(path).ok_or_else(|| failure::input(path, InputProblem::Name))?;
        let mut input = format::input(&url)
            .map_err(|error| failure::input_because(path, InputProblem::NotAVideo, error))?;
        let stream = input
            .streams()
            .best(media::Type::Video)
            .filter(|stream| !stream.disposition().contains(Disposition::ATTACHED_PIC))
            .ok_or_else(|| failure::input(path, InputProblem::NoVideoStream))?;
        let undecodable = |error| failure::input_because(path, InputProblem::Undecodable, error);
        let mut context =
            codec::Context::from_parameters(stream.parameters()).map_err(undecodable)?;
        context.set_threading(codec::threading::Config {
            kind: codec::threading::Type::Frame,
            count: decoders(),
            ..Default::default()
        });
        let decoder = context.decoder().video().map_err(undecodable)?;
        // The container's word counts before the codec's.
        let aspect = [pixel_aspect(&stream), decoder.aspect_ratio()];
        let aspect = aspect.into_iter().find(|&aspect| ratio(aspect) > 0.0);
        let info = StreamInfo::of(&input, &stream, aspect.unwrap_or(Rational(0, 1)));
        let others = info.others.iter().map(|other| {
            let read = Other {
                time_base: other.time_base,
                offset: offset(info.start, other.time_base),
                is_timed: !other.disposition.contains(Disposition::ATTACHED_PIC),
                is_past: other.medium != media::Type::Audio,
            };
            (other.index, read)
        });
        let wanted = others.collect();
        if span.start > 0.0 {
            let at = offset(
                info.start + span.start - EARLIER,
                Rational(1, ffmpeg::ffi::AV_TIME_BASE),
            );
            // What cannot be sought in is read from its beginning.
            let _ = input.seek(at, ..at);
        }
        let source = Self {
            path: path.to_owned(),
            decoder,
            video: info.index,
            time_base: info.time_base,
            wanted,
            span,
            offset: offset(info.start, info.time_base),
            nominal: info.nominal_duration(),
            last: None,
            state: State::Hungry,
            failures: 0,
            counts: ReadCounts::default(),
            input,
        };
        Ok((info, source))
    }

    /// How reading went so far.
    pub(super) fn counts(&self) -> &ReadCounts {
        &self.counts
    }

    /// What comes next in the span, `None` at its end.
    pub(super) fn next_item(&mut self) -> Result<Option<Item>, Error> {
        loop {
            match self.state {
                State::Full | State::Draining => {
                    if let Some(frame) = self.receive() {
                        return Ok(Some(Item::Frame(frame)));
                    }
                }
                State::Hungry | State::FramesDone => {
                    if let Some(packet) = self.read()? {
                        return Ok(Some(packet));
                    }
                }
                State::Ended => return Ok(None),
            }
        }
    }

    /// A frame of the decoder's, if it has one in the span; else the state says what to do next.
    fn receive(&mut self) -> Option<TimedFrame> {
        let mut picture = frame::Video::empty();
        match self.decoder.receive_frame(&mut picture) {
            Ok(()) => {
                self.failures = 0;
                self.counts.decoded += 1;
                let concealed = picture.is_corrupt() || picture.has_decode_errors();
                let frame = self.timed(picture);
                let time = seconds(frame.pts, self.time_base);
                if self.span.has(time) {
                    self.counts.frames += 1;
                    self.counts.concealed += u64::from(concealed);
                    return Some(frame);
                }
                if self.span.is_past(time) {
                    self.frames_done();
                }
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

    /// Reads a packet: the video's go to the decoder, others are handed on if they lie in the span.
    fn read(&mut self) -> Result<Option<Item>, Error> {
        let mut packet = ffmpeg::Packet::empty();
        match packet.read(&mut self.input) {
            Ok(()) => self.failures = 0,
            Err(ffmpeg::Error::InvalidData) if self.failures < MAX_LOST => {
                self.counts.broken += 1;
                self.failures += 1;
                return Ok(None);
            }
            Err(error) => {
                if error != ffmpeg::Error::Eof {
                    if self.counts.frames == 0 {
                        let problem = InputProblem::Unreadable;
                        return Err(failure::input_because(&self.path, problem, error));
                    }
                    self.counts.ended_early = Some(error.to_string());
                }
                let drains = self.state == State::Hungry && self.decoder.send_eof().is_ok();
                self.state = if drains {
                    State::Draining
                } else {
                    State::Ended
                };
                return Ok(None);
            }
        }
        let index = packet.stream();
        if index == self.video {
            self.counts.packets += 1;
            if self.state == State::FramesDone {
                let time = packet.dts().or(packet.pts()).unwrap_or(0);
                let time = seconds(time.saturating_sub(self.offset), self.time_base);
                if time > self.span.end + LATER {
                    self.state = State::Ended;
                }
                return Ok(None);
            }
            if self.decoder.send_packet(&packet).is_err() {
                self.counts.broken += 1;
            }
            self.state = State::Full;
            return Ok(None);
        }
        let wanted = self.is_wanted(index, &packet);
        if self.state == State::FramesDone && self.wanted.values().all(|other| other.is_past) {
            self.state = State::Ended;
        }
        Ok(wanted.then_some(Item::Packet(index, packet)))
    }

    fn is_wanted(&mut self, index: usize, packet: &ffmpeg::Packet) -> bool {
        let Some(other) = self.wanted.get_mut(&index) else {
            return false;
        };
        let Some(time) = packet.pts().or(packet.dts()).filter(|_| other.is_timed) else {
            return true;
        };
        let time = seconds(time.saturating_sub(other.offset), other.time_base);
        if time >= self.span.end {
            other.is_past = true;
        }
        let lasting = seconds(packet.duration(), other.time_base);
        self.span.is_all() || self.span.touches(time, lasting)
    }

    /// The last wanted frame is out.
    fn frames_done(&mut self) {
        let waits = self.wanted.values().any(|other| !other.is_past);
        self.state = if waits && self.state != State::Draining {
            State::FramesDone
        } else {
            State::Ended
        };
    }

    /// Encoders need growing times: a frame without one follows the one before, as does one that
    /// goes back.
    fn timed(&mut self, picture: frame::Video) -> TimedFrame {
        let pts = match (picture.timestamp(), self.last) {
            (Some(pts), Some(last)) => pts.saturating_sub(self.offset).max(last.saturating_add(1)),
            (Some(pts), None) => pts.saturating_sub(self.offset),
            (None, Some(last)) => last.saturating_add(self.nominal),
            (None, None) => 0,
        };
        self.last = Some(pts);
        let own = picture.packet().duration;
        TimedFrame {
            picture,
            pts,
            duration: if own > 0 { own } else { self.nominal },
        }
    }
}

/// Makes FFmpeg's texts of errors. Not `ffmpeg::init`, which also starts cameras and screens, and
/// links two hundred libraries for them: starting a program with these takes twice as long.
fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(ffmpeg::util::error::register_all);
}

/// Threads of the decoder: half the cores, since encoding takes longer and more threads cost more
/// in all.
fn decoders() -> usize {
    thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}
