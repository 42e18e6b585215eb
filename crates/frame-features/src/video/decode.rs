//! Packets in, frames out.

use std::path::{Path, PathBuf};

use ffmpeg_next as ffmpeg;
use ffmpeg_next::{Packet, decoder, frame, packet};

use super::frame::FrameTime;
use super::info::{Opened, decoder};
use super::units::{rational, side};
use crate::error::{Error, VideoProblem};

/// Frames with more pixels than this are refused: 2^27, or 11585x11585.
const MAX_PIXELS: usize = 1 << 27;
/// So many unreadable packets in a row count as the end of the file.
const MAX_DAMAGED_IN_A_ROW: usize = 1000;
/// A file whose streams end this much before the end that it states was cut off.
const MISSING_SECONDS: f64 = 0.5;

/// All frames of a video as FFmpeg decodes them, and what is known of its end.
pub(super) struct Decoding {
    path: PathBuf,
    pub(super) opened: Opened,
    decoder: decoder::Video,
    state: State,
    /// Frames decoded so far.
    pub(super) decoded: usize,
    first: Option<i64>,
    last: Option<i64>,
    last_duration: i64,
    /// Where the packets of all streams begin and end, in seconds.
    span: Option<(f64, f64)>,
    pub(super) ended_early: Option<String>,
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
        Ok(Self {
            path: path.to_path_buf(),
            opened,
            decoder,
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

    /// Where the frame decoded last ends, in ticks.
    pub(super) fn end_of_last(&self) -> i64 {
        self.last
            .map_or(0, |last| last.saturating_add(self.last_duration))
    }

    /// Seconds from the first frame's time to the end of the last one decoded.
    pub(super) fn decoded_duration(&self) -> f64 {
        let ticks = self
            .first
            .map_or(0, |first| self.end_of_last().saturating_sub(first));
        FrameTime {
            ticks,
            time_base: self.opened.info.time_base,
        }
        .seconds()
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
        let usual = self.usual_duration();
        let own = frame.packet().duration;
        // A frame without a time of its own follows the one before it.
        let ticks = frame.timestamp().unwrap_or(self.end_of_last());
        self.last_duration = if own > 0 { own } else { usual };
        self.first.get_or_insert(ticks);
        self.last = Some(ticks);
        self.decoded += 1;
        let time = FrameTime {
            ticks,
            time_base: self.opened.info.time_base,
        };
        Ok((self.decoded - 1, time))
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

    pub(super) fn error(&self, problem: VideoProblem) -> Error {
        Error::video(&self.path, problem)
    }
}

fn again(error: ffmpeg::Error) -> bool {
    error
        == ffmpeg::Error::Other {
            errno: ffmpeg::util::error::EAGAIN,
        }
}
