//! Reading a video: its frames decoded, everything else packet by packet.

use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use video_rs::ffmpeg::{self, Dictionary, Rational, Rescale, codec, decoder, format, frame, media};

use super::frame::Turn;
use super::{file_url, not_a_video, ratio};
use crate::Error;

/// Packets in a row that may be unreadable.
const MAX_LOST: usize = 10_000;
/// Failures in a row after which the decoder gets its next packet.
const MAX_FAILURES: usize = 16;

/// What the reader hands on, in the order of the file.
pub(super) enum Item {
    /// A picture of the video.
    Frame(TimedFrame),
    /// A packet of another stream, by the stream's index in the source.
    Packet(usize, ffmpeg::Packet),
}

/// A picture with its time, counted from the start of the file in the video stream's time base. Times grow.
pub(super) struct TimedFrame {
    pub(super) picture: frame::Video,
    pub(super) pts: i64,
    pub(super) duration: i64,
}

/// An opened video.
pub(super) struct Source {
    path: PathBuf,
    input: format::context::Input,
    decoder: decoder::Video,
    video: usize,       // index of the stream
    wanted: Vec<usize>, // indices of the others
    offset: i64,        // start of the file
    nominal: i64,       // duration of a frame that has none
    last: Option<i64>,
}

/// What there is to know about the video before its first frame.
pub(super) struct About {
    pub(super) time_base: Rational,
    pub(super) frame_rate: Rational,
    /// Duration of the file in seconds, 0 if it does not say.
    pub(super) seconds: f64,
    /// When the file begins, in seconds; streams may begin later. 0 if it begins before.
    pub(super) start: f64,
    pub(super) turn: Turn,
    pub(super) pixel_aspect: Rational,
    pub(super) metadata: Dictionary<'static>,
    pub(super) others: Vec<OtherStream>,
    pub(super) stream_metadata: Dictionary<'static>,
    pub(super) chapters: Vec<Chapter>,
}

/// A chapter mark, counted from the start of the file.
pub(super) struct Chapter {
    pub(super) id: i64,
    pub(super) time_base: Rational,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) title: String,
}

/// A stream that is copied.
pub(super) struct OtherStream {
    pub(super) index: usize,
    pub(super) medium: media::Type,
    pub(super) parameters: codec::Parameters,
    pub(super) time_base: Rational,
    pub(super) metadata: Dictionary<'static>,
}

/// How reading went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReadCounts {
    pub(super) frames: u64,
    /// Packets that could not be read or decoded.
    pub(super) broken: u64,
}

impl Source {
    pub(super) fn open(path: &Path, threads: usize) -> Result<(About, Self), Error> {
        let meta = std::fs::metadata(path).map_err(|source| Error::io(path, source))?;
        if meta.is_dir() {
            return Err(not_a_video(path, "is a folder, not a video"));
        }
        ffmpeg::init()
            .map_err(|error| not_a_video(path, format!("FFmpeg does not start: {error}")))?;
        let input = format::input(&file_url(path)?).map_err(|error| {
            not_a_video(path, format!("is no video that FFmpeg can read ({error})"))
        })?;
        let stream = input
            .streams()
            .best(media::Type::Video)
            .ok_or_else(|| not_a_video(path, "has no video stream"))?;
        let parameters = stream.parameters();
        let mut context = codec::Context::from_parameters(parameters)
            .map_err(|error| not_a_video(path, format!("cannot be decoded ({error})")))?;
        context.set_threading(codec::threading::Config {
            kind: codec::threading::Type::Frame,
            count: threads,
            ..Default::default()
        });
        let decoder = context
            .decoder()
            .video()
            .map_err(|error| not_a_video(path, format!("cannot be decoded ({error})")))?;
        let video = stream.index();
        let about = About {
            time_base: stream.time_base(),
            frame_rate: frame_rate(&stream),
            seconds: seconds(&input, &stream),
            start: start(&input),
            turn: Turn::of(&stream),
            pixel_aspect: decoder.aspect_ratio(),
            metadata: input.metadata().to_owned(),
            others: others(&input, video),
            stream_metadata: stream.metadata().to_owned(),
            chapters: chapters(&input),
        };
        let source = Self {
            path: path.to_owned(),
            decoder,
            video,
            wanted: about.others.iter().map(|other| other.index).collect(),
            offset: offset(about.start, about.time_base),
            nominal: about.nominal_duration(),
            last: None,
            input,
        };
        Ok((about, source))
    }

    /// Reads to the end, or until nobody listens any more.
    pub(super) fn run(mut self, out: &SyncSender<Item>) -> Result<ReadCounts, Error> {
        let mut counts = ReadCounts::default();
        let mut failures = 0;
        loop {
            let mut packet = ffmpeg::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => failures = 0,
                Err(ffmpeg::Error::InvalidData) if failures < MAX_LOST => {
                    counts.broken += 1;
                    failures += 1;
                    continue;
                }
                Err(ffmpeg::Error::Eof) => break,
                Err(error) => {
                    return Err(not_a_video(
                        &self.path,
                        format!("cannot be read on ({error})"),
                    ));
                }
            }
            let index = packet.stream();
            let open = if index == self.video {
                if self.decoder.send_packet(&packet).is_err() {
                    counts.broken += 1;
                }
                self.frames(out, &mut counts)
            } else if self.wanted.contains(&index) {
                out.send(Item::Packet(index, packet)).is_ok()
            } else {
                true
            };
            if !open {
                return Ok(counts);
            }
        }
        if self.decoder.send_eof().is_ok() {
            self.frames(out, &mut counts);
        }
        if counts.frames == 0 {
            return Err(not_a_video(&self.path, "has no frame that can be decoded"));
        }
        Ok(counts)
    }

    /// Hands on what the decoder has. Whether anybody still listens.
    fn frames(&mut self, out: &SyncSender<Item>, counts: &mut ReadCounts) -> bool {
        let mut failures = 0;
        loop {
            let mut picture = frame::Video::empty();
            match self.decoder.receive_frame(&mut picture) {
                Ok(()) => {
                    counts.frames += 1;
                    if out.send(Item::Frame(self.timed(picture))).is_err() {
                        return false;
                    }
                }
                Err(ffmpeg::Error::Eof | ffmpeg::Error::Other { .. }) => return true,
                Err(_) => {
                    counts.broken += 1;
                    failures += 1;
                    if failures >= MAX_FAILURES {
                        return true;
                    }
                }
            }
        }
    }
}

impl Source {
    /// Encoders need growing times: a frame without one follows the one before, as does one that goes back.
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

impl About {
    /// How long a frame lasts at the average rate, in the video's time base.
    pub(super) fn nominal_duration(&self) -> i64 {
        1.rescale(self.frame_rate.invert(), self.time_base).max(1)
    }
}

/// The start of the file in a stream's time base.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates; times of a video are far below"
)]
pub(super) fn offset(start: f64, time_base: Rational) -> i64 {
    let unit = ratio(time_base);
    if unit > 0.0 {
        (start / unit).round() as i64
    } else {
        0
    }
}

fn frame_rate(stream: &format::stream::Stream<'_>) -> Rational {
    [stream.avg_frame_rate(), stream.rate(), Rational(25, 1)]
        .into_iter()
        .find(|rate| ratio(*rate) > 0.0)
        .unwrap_or(Rational(25, 1))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a video are far below 2⁵³"
)]
fn seconds(input: &format::context::Input, stream: &format::stream::Stream<'_>) -> f64 {
    let of_stream = stream.duration().max(0) as f64 * ratio(stream.time_base());
    if of_stream > 0.0 {
        return of_stream;
    }
    input.duration().max(0) as f64 / f64::from(ffmpeg::ffi::AV_TIME_BASE)
}

/// When the earliest stream begins, if that is after 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "times of a video are far below 2⁵³"
)]
fn start(input: &format::context::Input) -> f64 {
    let starts = input
        .streams()
        .filter(|stream| stream.start_time() != ffmpeg::ffi::AV_NOPTS_VALUE)
        .map(|stream| stream.start_time() as f64 * ratio(stream.time_base()));
    let earliest = starts.fold(f64::INFINITY, f64::min);
    if earliest.is_finite() {
        earliest.max(0.0)
    } else {
        0.0
    }
}

fn chapters(input: &format::context::Input) -> Vec<Chapter> {
    let start = start(input);
    let chapter = |chapter: format::chapter::Chapter<'_>| {
        let moved = offset(start, chapter.time_base());
        Chapter {
            id: chapter.id(),
            time_base: chapter.time_base(),
            start: chapter.start().saturating_sub(moved),
            end: chapter.end().saturating_sub(moved),
            title: chapter
                .metadata()
                .get("title")
                .unwrap_or_default()
                .replace('\0', ""),
        }
    };
    input.chapters().map(chapter).collect()
}

fn others(input: &format::context::Input, video: usize) -> Vec<OtherStream> {
    input
        .streams()
        .filter(|stream| stream.index() != video)
        .map(|stream| OtherStream {
            index: stream.index(),
            medium: stream.parameters().medium(),
            parameters: stream.parameters(),
            time_base: stream.time_base(),
            metadata: stream.metadata().to_owned(),
        })
        .collect()
}
