//! Reading a video: its frames decoded, everything else packet by packet, in the order of their
//! times.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ffmpeg_next as ffmpeg;

use super::frames::{FrameCounts, Frames, TimedFrame};
use super::pace::{Pace, PaceCounts, Pacer};
use super::packets::{PacketCounts, Packets};
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::seconds;
use crate::error::Error;

/// How much longer than the video sound lasts, in seconds, before the last picture is repeated.
const TAIL: f64 = 0.25;
/// Sound that comes later than this, in seconds, has a time that was damaged.
const MAX_JUMP: f64 = 60.0;

/// What a video consists of.
pub(super) enum Item {
    /// A picture of the video.
    Frame(TimedFrame),
    /// A packet of another stream, by the stream's index in the source.
    Packet(usize, ffmpeg::Packet),
}

/// How reading went.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadCounts {
    /// Frames handed on.
    pub(super) given: u64,
    pub(super) frames: FrameCounts,
    pub(super) pace: PaceCounts,
    pub(super) packets: PacketCounts,
}

/// An opened video.
///
/// The file is read from two places, so that what is heard with a picture comes with it however the
/// file mixes them, and however long a picture is shown.
pub(super) struct Source {
    frames: Frames,
    pacer: Pacer,
    packets: Option<Packets>,
    span: Span,
    time_base: ffmpeg::Rational, // of the frames handed on
    next: Option<TimedFrame>,
    state: State,
    given: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There may be more frames in the file.
    Frames,
    /// The file's last frames are out of the decoder.
    Last,
    /// Sound may go on after the last frame.
    Sound,
    /// It does: the last frame is repeated until its end.
    Tail,
    /// There are no more frames in the span; packets may follow.
    Rest,
}

impl Source {
    /// Opens a video whose pictures are handed on at a pace. The time base and the rate that it
    /// gives are those of the returned description.
    pub(super) fn open(
        path: &Path,
        span: Span,
        pace: impl FnOnce(&StreamInfo) -> Pace,
        needs_alpha: bool,
    ) -> Result<(StreamInfo, Self), Error> {
        let (mut info, frames) = Frames::open(path, span.start, needs_alpha)?;
        let packets = Packets::open(path, &info, span)?;
        let pace = pace(&info);
        let pacer = Pacer::new(pace, &info, span);
        (info.time_base, info.frame_rate) = pace.timing(&info);
        let source = Self {
            frames,
            pacer,
            packets,
            span,
            time_base: info.time_base,
            next: None,
            state: State::Frames,
            given: 0,
        };
        Ok((info, source))
    }

    /// How reading went so far.
    pub(super) fn counts(&self) -> ReadCounts {
        let packets = self.packets.as_ref();
        ReadCounts {
            given: self.given,
            frames: self.frames.counts().clone(),
            pace: self.pacer.counts(),
            packets: packets.map_or_else(PacketCounts::default, |p| p.counts().clone()),
        }
    }

    /// What comes next in the span, `None` at its end. No further frame is read once it is stopped,
    /// also on the way to a span that begins late.
    pub(super) fn next_item(&mut self, is_stopped: &AtomicBool) -> Result<Option<Item>, Error> {
        if self.next.is_none() {
            self.next = self.next_frame(is_stopped)?;
        }
        let time = self
            .next
            .as_ref()
            .map_or(f64::INFINITY, |frame| self.seconds(frame));
        if let Some((index, packet)) = self.packets.as_mut().and_then(|p| p.next_by(time)) {
            return Ok(Some(Item::Packet(index, packet)));
        }
        let frame = self.next.take();
        self.given += u64::from(frame.is_some());
        Ok(frame.map(Item::Frame))
    }

    fn seconds(&self, frame: &TimedFrame) -> f64 {
        seconds(frame.pts, self.time_base)
    }

    /// The next frame in the span, as far as it is known.
    fn next_frame(&mut self, is_stopped: &AtomicBool) -> Result<Option<TimedFrame>, Error> {
        while !is_stopped.load(Ordering::Relaxed) {
            let frame = match self.state {
                State::Frames => match self.pacer.next() {
                    Some(frame) => frame,
                    None => {
                        match self.frames.next_frame()? {
                            Some(frame) => self.pacer.push(frame),
                            None => {
                                self.pacer.end();
                                self.state = State::Last;
                            }
                        }
                        continue;
                    }
                },
                State::Last => match self.pacer.next() {
                    Some(frame) => frame,
                    None => {
                        self.state = State::Sound;
                        continue;
                    }
                },
                State::Sound | State::Tail => match self.repeated() {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
                State::Rest => return Ok(None),
            };
            let time = self.seconds(&frame);
            if self.span.has(time) {
                return Ok(Some(frame));
            }
            if self.span.is_past(time) {
                self.state = State::Rest;
            }
        }
        Ok(None)
    }

    /// The last frame once more, if sound is still heard when it is due: the next packet is sound
    /// that begins later.
    fn repeated(&mut self) -> Option<TimedFrame> {
        let (begins, is_sound) = self.packets.as_mut()?.look()?;
        let goes_on = match self.state {
            State::Tail => true,
            _ => is_sound && begins > self.frames.counts().end + TAIL,
        };
        let due = self.pacer.next_repeat()?;
        if !(goes_on && is_sound && due <= begins && begins < due + MAX_JUMP) {
            return None;
        }
        self.state = State::Tail;
        self.pacer.give_again()
    }
}
