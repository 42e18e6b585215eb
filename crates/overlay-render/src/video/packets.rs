//! Reading everything of a video file but its pictures: sound, subtitles, attachments.

use std::collections::HashMap;
use std::path::Path;

use ffmpeg_next::{self as ffmpeg, Rational, format, format::stream::Disposition, media};

use super::open::{open, read_only, seek};
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::{offset, seconds};
use crate::error::Error;

/// Packets in a row that may be unreadable.
const MAX_LOST: usize = 10_000;
/// How far before the wanted time reading begins, in seconds: times of demuxers are those of
/// decoding.
const EARLIER: f64 = 0.5;
/// How far after the span packets are looked for, in seconds.
const LATER: f64 = 10.0;

/// The packets of the other streams that lie in a span, in the order of the file.
pub(super) struct Packets {
    input: format::context::Input,
    streams: HashMap<usize, Stream>, // by index
    span: Span,
    ahead: Option<Timed>,
    failures: usize,
    is_over: bool,
    counts: PacketCounts,
}

/// How reading went.
#[derive(Clone, Debug, Default)]
pub(super) struct PacketCounts {
    /// Packets that could not be read.
    pub(super) broken: u64,
    /// When the last packet ends, in seconds.
    pub(super) end: f64,
}

/// A packet and when its presentation begins, in seconds from the start of the file; at once if it
/// has no time, as covers and attachments.
struct Timed {
    index: usize,
    packet: ffmpeg::Packet,
    time: f64,
}

struct Stream {
    time_base: Rational,
    offset: i64,
    is_timed: bool, // covers are not
    is_sound: bool,
    is_past: bool, // beyond the span; only sound is waited for
}

impl Packets {
    /// Opens the file a second time; `None` if it has no other streams.
    pub(super) fn open(path: &Path, info: &StreamInfo, span: Span) -> Result<Option<Self>, Error> {
        if info.others.is_empty() {
            return Ok(None);
        }
        if span.start - EARLIER > 0.0 {
            let mut packets = Self::at_start(path, info, span)?;
            if seek(&mut packets.input, info.start + span.start - EARLIER) && packets.lands() {
                return Ok(Some(packets));
            }
        }
        Self::at_start(path, info, span).map(Some)
    }

    fn at_start(path: &Path, info: &StreamInfo, span: Span) -> Result<Self, Error> {
        let (mut input, _) = open(path)?;
        let streams = info.others.iter().map(|other| {
            let stream = Stream {
                time_base: other.time_base,
                offset: offset(info.start, other.time_base),
                is_timed: !other.disposition.contains(Disposition::ATTACHED_PIC),
                is_sound: other.medium == media::Type::Audio,
                is_past: other.medium != media::Type::Audio,
            };
            (other.index, stream)
        });
        let streams: HashMap<_, _> = streams.collect();
        read_only(&mut input, |index| streams.contains_key(&index));
        Ok(Self {
            input,
            streams,
            span,
            ahead: None,
            failures: 0,
            is_over: false,
            counts: PacketCounts::default(),
        })
    }

    /// Whether sound that is read first begins by the span's start, so that none of it was skipped.
    fn lands(&mut self) -> bool {
        if !self.streams.values().any(|stream| stream.is_sound) {
            return true;
        }
        let mut skipped = Vec::new();
        while let Some(timed) = self.read() {
            if self.streams.get(&timed.index).is_some_and(|s| s.is_sound) {
                let lands = timed.time <= self.span.start + Span::SAME;
                let wanted = self.is_wanted(&timed);
                self.ahead = wanted.then_some(timed);
                // Whatever came before it would be lost.
                return lands && skipped.is_empty();
            }
            if self.is_wanted(&timed) {
                skipped.push(timed);
            }
        }
        false
    }

    /// How reading went so far.
    pub(super) fn counts(&self) -> &PacketCounts {
        &self.counts
    }

    /// The next packet, if its presentation begins by `time` seconds.
    pub(super) fn next_by(&mut self, time: f64) -> Option<(usize, ffmpeg::Packet)> {
        self.look()?;
        let timed = self.ahead.take_if(|timed| timed.time <= time)?;
        Some((timed.index, timed.packet))
    }

    /// When the next packet begins, in seconds, and whether it is sound.
    pub(super) fn look(&mut self) -> Option<(f64, bool)> {
        while self.ahead.is_none() && !self.is_over {
            let Some(timed) = self.read() else { break };
            if self.is_wanted(&timed) {
                self.ahead = Some(timed);
            }
        }
        let timed = self.ahead.as_ref()?;
        let is_sound = self.streams.get(&timed.index).is_some_and(|s| s.is_sound);
        Some((timed.time, is_sound))
    }

    /// The next packet of the file, `None` at its end.
    fn read(&mut self) -> Option<Timed> {
        loop {
            let mut packet = ffmpeg::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => self.failures = 0,
                Err(ffmpeg::Error::InvalidData) if self.failures < MAX_LOST => {
                    self.counts.broken += 1;
                    self.failures += 1;
                    continue;
                }
                Err(_) => {
                    self.is_over = true;
                    return None;
                }
            }
            let index = packet.stream();
            let Some(stream) = self.streams.get(&index) else {
                continue;
            };
            let time = packet.pts().or(packet.dts()).filter(|_| stream.is_timed);
            let time = time.map_or(f64::NEG_INFINITY, |time| {
                seconds(time.saturating_sub(stream.offset), stream.time_base)
            });
            return Some(Timed {
                index,
                packet,
                time,
            });
        }
    }

    /// Whether a packet lies in the span; one that is far beyond ends reading.
    fn is_wanted(&mut self, timed: &Timed) -> bool {
        let Timed {
            index,
            packet,
            time,
        } = timed;
        let Some(stream) = self.streams.get_mut(index) else {
            return false;
        };
        if time.is_infinite() {
            return true;
        }
        let lasting = seconds(packet.duration(), stream.time_base).max(0.0);
        self.counts.end = self.counts.end.max(time + lasting);
        if *time >= self.span.end {
            stream.is_past = true;
            let all_past = self.streams.values().all(|stream| stream.is_past);
            self.is_over |= all_past || *time > self.span.end + LATER;
        }
        self.span.is_all() || self.span.touches(*time, lasting)
    }
}
