//! Packets in, frames out.

use std::path::{Path, PathBuf};

use ffmpeg_next as ffmpeg;
use ffmpeg_next::{Packet, decoder, frame, packet};

use super::clock::FrameClock;
use super::frame::FrameTime;
use super::info::{Opened, decoder};
use super::units::side;
use crate::error::{Error, VideoProblem};
use crate::time_repairs::TimeRepairs;

/// Frames with more pixels than this are refused: 2^27, or 11585x11585.
const MAX_PIXELS: usize = 1 << 27;
/// So many unreadable packets in a row count as the end of the file.
const MAX_DAMAGED_IN_A_ROW: usize = 1000;

/// All frames of a video as FFmpeg decodes them, and what is known of its end.
pub(super) struct Decoding {
    path: PathBuf,
    pub(super) opened: Opened,
    decoder: decoder::Video,
    state: State,
    /// Frames decoded so far.
    pub(super) decoded: usize,
    clock: FrameClock,
    first: Option<i64>,
    /// Where the packets of all streams begin and end, in seconds.
    span: Option<(f64, f64)>,
    pub(super) ended_early: Option<String>,
    /// After the end: seconds that the file states and does not have.
    pub(super) missing: Option<f64>,
    pub(super) damaged: usize,
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

impl Decoding {
    pub(super) fn open(path: &Path, stream: Option<usize>, threads: usize) -> Result<Self, Error> {
        let opened = Opened::new(path, stream)?;
        let decoder = decoder(&opened.parameters, threads)
            .map_err(|error| Error::video(path, VideoProblem::NoDecoder).caused_by(error))?;
        let second = FrameTime {
            ticks: 1,
            time_base: opened.info.time_base,
        };
        Ok(Self {
            path: path.to_path_buf(),
            clock: FrameClock::new(whole(1.0 / second.seconds())),
            opened,
            decoder,
            state: State::Reading,
            decoded: 0,
            first: None,
            span: None,
            ended_early: None,
            missing: None,
            damaged: 0,
            damaged_at_end: false,
        })
    }

    /// Where the frame decoded last ends, in ticks.
    pub(super) fn end_of_last(&self) -> i64 {
        self.clock.end()
    }

    /// What was wrong with the times of the frames decoded so far.
    pub(super) fn repairs(&self) -> TimeRepairs {
        self.clock.repairs()
    }

    /// When the first frame is shown, in seconds; 0 before it was decoded.
    pub(super) fn start(&self) -> f64 {
        self.seconds(self.first.unwrap_or(0))
    }

    fn seconds(&self, ticks: i64) -> f64 {
        FrameTime {
            ticks,
            time_base: self.opened.info.time_base,
        }
        .seconds()
    }

    /// Seconds from the first frame's time to the end of the last one decoded.
    pub(super) fn decoded_duration(&self) -> f64 {
        let ticks = self
            .first
            .map_or(0, |first| self.end_of_last().saturating_sub(first));
        self.seconds(ticks)
    }

    /// Decodes the next frame into `into`: its index and time, or nothing after the last one.
    pub(super) fn next(
        &mut self,
        into: &mut frame::Video,
    ) -> Result<Option<(usize, FrameTime)>, Error> {
        let mut refused = 0;
        loop {
            if self.state == State::Ended {
                return Ok(None);
            }
            match self.decoder.receive_frame(into) {
                Ok(()) => {
                    let noted = self.note_frame(into)?;
                    return Ok(Some(noted));
                }
                Err(ffmpeg::Error::Eof) => {
                    self.end();
                    return Ok(None);
                }
                Err(error) if again(error) => {}
                Err(_) => {
                    self.damaged += 1;
                    self.damaged_at_end = true;
                    refused += 1;
                    if refused < MAX_DAMAGED_IN_A_ROW {
                        continue; // what its other threads have decoded comes after the error
                    }
                }
            }
            if self.state == State::Draining {
                // A decoder that was told of the end answers with frames, then with Eof.
                self.end();
                return Ok(None);
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
        let Some((begins, ends)) = self.opened.span_of(packet) else {
            return;
        };
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
        self.missing = self.span.and_then(|span| stated.missing(span));
        let reason = if let Some(reason) = self.ended_early.take() {
            reason
        } else if self.damaged_at_end {
            "the last packet is damaged".to_owned()
        } else if self.missing.is_some() {
            format!("the file states {:.3} s", stated.seconds)
        } else {
            return;
        };
        self.ended_early = Some(format!(
            "after frame {}, {decoded:.3} s from the first: {reason}",
            self.decoded.saturating_sub(1)
        ));
    }

    /// Takes the time of a frame and counts it.
    fn note_frame(&mut self, frame: &frame::Video) -> Result<(usize, FrameTime), Error> {
        let pixels = side(frame.width()).saturating_mul(side(frame.height()));
        if pixels == 0 || pixels > MAX_PIXELS {
            return Err(self.error(VideoProblem::FrameSize {
                frame: self.decoded,
                width: frame.width(),
                height: frame.height(),
            }));
        }
        let own = frame.packet().duration;
        let duration = if own > 0 { own } else { self.usual_duration() };
        let ticks = self.clock.next(frame.timestamp(), duration);
        self.first.get_or_insert(ticks);
        self.decoded += 1;
        let time = FrameTime {
            ticks,
            time_base: self.opened.info.time_base,
        };
        Ok((self.decoded - 1, time))
    }

    /// A frame's duration in ticks at the average rate; at least 1.
    fn usual_duration(&self) -> i64 {
        let rate = self.opened.info.frame_rate.to_f64();
        let unit = self.opened.info.time_base.to_f64();
        if rate <= 0.0 || unit <= 0.0 {
            return 1;
        }
        whole(1.0 / (rate * unit)).max(1)
    }

    pub(super) fn error(&self, problem: VideoProblem) -> Error {
        Error::video(&self.path, problem)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast to an integer is held within its range"
)]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

fn again(error: ffmpeg::Error) -> bool {
    error
        == ffmpeg::Error::Other {
            errno: ffmpeg::util::error::EAGAIN,
        }
}
