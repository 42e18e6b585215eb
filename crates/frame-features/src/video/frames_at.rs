//! Frames by the time at which they are shown.

use std::path::Path;

use super::frame::Frame;
use super::frames::{VideoFrames, VideoOptions};
use super::info::VideoInfo;
use crate::error::{Error, VideoProblem};
use crate::sampling::Sampling;

/// Seconds by which a video may be longer than its container says.
const LENIENCE: f64 = 1.0;
/// Seconds that are added to moments, so that a rounded one is in the frame that begins there.
const ROUNDING: f64 = 1e-6;

/// The frame that is shown at a moment, in seconds from the first frame's time on.
///
/// # Errors
///
/// [`Error::Video`] if the file is no video, and if the moment lies after the video's end: where the
/// container tells the length, before a frame is decoded.
///
/// # Example
///
/// ```no_run
/// let frame = frame_features::frame_at("cafe.mp4", 75.5)?;
/// println!("frame {} of {}x{} pixels", frame.index, frame.width, frame.height);
/// # Ok::<(), frame_features::Error>(())
/// ```
pub fn frame_at(video: impl AsRef<Path>, moment: f64) -> Result<Frame, Error> {
    let video = video.as_ref();
    let outside = |length| {
        let problem = VideoProblem::Outside { moment, length };
        Error::video(video, problem)
    };
    let stated = VideoInfo::read(video)?.duration; // 0 if nothing is said
    if stated > 0.0 && moment > stated + LENIENCE {
        return Err(outside(stated));
    }
    let (mut frames, length) = read(video, &[moment])?;
    if moment > length {
        return Err(outside(length));
    }
    Ok(frames.remove(0))
}

/// The frame that is shown at each of some moments, in seconds from the first frame's time on: the
/// first frame at moments before it, the last one at moments after it.
///
/// # Errors
///
/// [`Error::Video`] if the file is no video or has no frames.
pub fn frames_at(video: impl AsRef<Path>, moments: &[f64]) -> Result<Vec<Frame>, Error> {
    Ok(read(video.as_ref(), moments)?.0)
}

/// A frame for each of the moments, and the video's length in seconds.
fn read(video: &Path, moments: &[f64]) -> Result<(Vec<Frame>, f64), Error> {
    let open = |options| VideoFrames::open(video, options);
    let first = open(VideoOptions::default())?.skip_frame()?;
    let start = first.map_or(0.0, |(_, time)| time.seconds());
    let times: Vec<f64> = moments.iter().map(|at| start + at + ROUNDING).collect();
    let mut frames = open(VideoOptions::default().sampling(Sampling::Times(times.clone())))?;
    let mut shown = Vec::new(); // moments of one frame have it once
    while let Some(frame) = frames.next_frame()? {
        shown.push(frame);
    }
    let at = |&time: &f64| {
        let before = shown.partition_point(|frame: &Frame| frame.time.seconds() <= time);
        shown.get(before.saturating_sub(1)).cloned()
    };
    let found: Option<Vec<Frame>> = times.iter().map(at).collect();
    let found = found.ok_or_else(|| Error::video(video, VideoProblem::NoFrames))?;
    Ok((found, frames.decoded_duration()))
}
