//! The times of all frames of a video, from its packets where those tell them.

use std::path::Path;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::{Packet, frame};

use super::ffi::is_discarded;
use super::frame::FrameTime;
use super::frames::{VideoFrames, VideoOptions};
use super::info::{Opened, decoder};
use crate::error::Error;
use crate::time_repairs::TimeRepairs;

/// Frames at the beginning that are decoded for comparison.
const COMPARED: usize = 100;
/// Frames at the beginning that a decoder may leave out, as their first key frame is not there.
const LEFT_OUT: usize = 300;
/// The last group of pictures is decoded for comparison if its packets are not more than this.
const LAST_PACKETS: usize = 2000;
const LAST_BYTES: usize = 256 << 20;

/// Frame times of a whole video: when each frame is shown, as [`VideoFrames`] has it, without
/// decoding more than is needed.
///
/// Where the container has a time for each frame (MP4, Matroska, WebM, FLV, MPEG-TS), its packets
/// are read and only the first 100 frames and the last group of pictures are decoded: if these have
/// the packets' times, the others are taken to have them too. Otherwise, and wherever packets look
/// unusual (times that are missing, equal or go back, damage, AVI with frames that refer to later
/// ones, streams without a container), all frames are decoded.
///
/// # Example
///
/// ```no_run
/// let times = frame_features::FrameTimes::read("cafe.mp4", &mut |_| ())?;
/// println!("{} frames, the last one at {:?} s", times.seconds.len(), times.seconds.last());
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FrameTimes {
    /// For each frame, its time in seconds as the container counts them, ascending. Never empty.
    pub seconds: Vec<f64>,
    /// Whether all frames were decoded for it.
    pub decoded: bool,
    /// What was wrong with the times.
    pub repairs: TimeRepairs,
    /// Why the video is thought to be cut off, as [`VideoFrames::ended_early`] says it.
    pub ended_early: Option<String>,
    /// Seconds that are missing of what the container states.
    pub missing_seconds: Option<f64>,
}

impl FrameTimes {
    /// Reads a video's frame times; `tell` is called with the number of frames now and then.
    ///
    /// # Errors
    ///
    /// As [`VideoFrames::open`] and [`VideoFrames::next_frame`].
    pub fn read(path: impl AsRef<Path>, tell: &mut dyn FnMut(usize)) -> Result<Self, Error> {
        let path = path.as_ref();
        if let Some(ticks) = packet_times(path, tell)? {
            return Ok(Self {
                seconds: ticks.iter().map(|time| time.seconds()).collect(),
                decoded: false,
                repairs: TimeRepairs::default(),
                ended_early: None,
                missing_seconds: None,
            });
        }
        Self::decode(path, tell)
    }

    /// The same by decoding all frames.
    fn decode(path: &Path, tell: &mut dyn FnMut(usize)) -> Result<Self, Error> {
        let mut frames = VideoFrames::open(path, VideoOptions::default())?;
        let mut seconds = Vec::new();
        while let Some((_, time)) = frames.skip_frame()? {
            seconds.push(time.seconds());
            tell(seconds.len());
        }
        Ok(Self {
            seconds,
            decoded: true,
            repairs: frames.repairs(),
            ended_early: frames.ended_early().map(str::to_owned),
            missing_seconds: frames.missing_seconds(),
        })
    }
}

/// The times that a video's packets have, if decoding would give the same.
fn packet_times(path: &Path, tell: &mut dyn FnMut(usize)) -> Result<Option<Vec<FrameTime>>, Error> {
    let mut opened = Opened::new(path, None)?;
    let Some(packets) = Packets::read(&mut opened, tell) else {
        return Ok(None);
    };
    let Some(last_group) = packets.last_group_frames(&opened) else {
        return Ok(None);
    };
    let time = |ticks| FrameTime {
        ticks,
        time_base: opened.info.time_base,
    };
    let Packets { mut ticks, .. } = packets;
    ticks.sort_unstable();
    if ticks.windows(2).any(|pair| pair[0] == pair[1]) || !ticks.ends_with(&last_group) {
        return Ok(None);
    }
    let mut frames = VideoFrames::open(path, VideoOptions::default())?;
    let mut first = Vec::with_capacity(COMPARED);
    while first.len() < COMPARED.min(ticks.len()) {
        match frames.skip_frame()? {
            Some((_, time)) => first.push(time.ticks),
            None => break,
        }
    }
    let left_out = first
        .first()
        .and_then(|first| ticks.iter().take(LEFT_OUT).position(|it| it == first));
    let Some(ticks) = left_out.map(|count| &ticks[count..]) else {
        return Ok(None);
    };
    let whole = first.len() == COMPARED || first.len() == ticks.len();
    if !whole || !ticks.starts_with(&first) || !frames.repairs().is_none() {
        return Ok(None);
    }
    Ok(Some(ticks.iter().copied().map(time).collect()))
}

/// What the packets of a video say.
struct Packets {
    /// Times of those that are shown, in the order of decoding.
    ticks: Vec<i64>,
    /// From the last key frame on.
    last_group: Vec<Packet>,
}

impl Packets {
    /// Reads all packets; nothing if they are not those of a sound file with a time for each frame.
    fn read(opened: &mut Opened, tell: &mut dyn FnMut(usize)) -> Option<Self> {
        let mut packets = Self {
            ticks: Vec::new(),
            last_group: Vec::new(),
        };
        let mut span: Option<(f64, f64)> = None;
        let (mut latest, mut bytes) = (i64::MIN, 0);
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut opened.input) {
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => break,
                Err(_) => return None,
            }
            if packet.is_corrupt() {
                return None;
            }
            if let Some((begins, ends)) = opened.span_of(&packet) {
                let (first, last) = span.unwrap_or((begins, ends));
                span = Some((first.min(begins), last.max(ends)));
            }
            if packet.stream() != opened.stream {
                continue;
            }
            let ticks = packet.pts()?;
            if packet.is_key() {
                // All that was decoded before a key frame is shown before it.
                if ticks <= latest {
                    return None;
                }
                packets.last_group.clear();
                bytes = 0;
            }
            latest = latest.max(ticks);
            bytes += packet.size();
            if !is_discarded(&packet) {
                packets.ticks.push(ticks);
            }
            if packets.last_group.len() < LAST_PACKETS && bytes < LAST_BYTES {
                packets.last_group.push(packet);
            } else if packets.last_group.len() == LAST_PACKETS || bytes >= LAST_BYTES {
                return None;
            }
            tell(packets.ticks.len());
        }
        // What is missing is told by who decodes.
        opened.stated.missing(span?).is_none().then_some(packets)
    }

    /// Times of the frames that a decoder makes of the last group, from its key frame on.
    fn last_group_frames(&self, opened: &Opened) -> Option<Vec<i64>> {
        let first = self.last_group.first().filter(|first| first.is_key())?;
        let from = first.pts()?;
        let mut decoder = decoder(&opened.parameters, 0).ok()?;
        let mut frame = frame::Video::empty();
        let mut ticks = Vec::new();
        let mut receive = |decoder: &mut ffmpeg::decoder::Video| {
            while decoder.receive_frame(&mut frame).is_ok() {
                ticks.push(frame.timestamp());
            }
        };
        for packet in &self.last_group {
            decoder.send_packet(packet).ok()?;
            receive(&mut decoder);
        }
        decoder.send_eof().ok()?;
        receive(&mut decoder);
        let ticks: Option<Vec<i64>> = ticks.into_iter().collect();
        Some(ticks?.into_iter().filter(|&ticks| ticks >= from).collect())
    }
}
