//! Decoded frames, one after the other.

use std::fmt;
use std::iter::FusedIterator;
use std::path::Path;

use ffmpeg_next::frame;

use super::decode::Decoding;
use super::frame::{Frame, FrameTime};
use super::info::VideoInfo;
use super::sampler::Sampler;
use super::scale::Scaler;
use super::units::side;
use crate::error::{Error, VideoProblem};
use crate::sampling::Sampling;
use crate::time_repairs::TimeRepairs;

/// Options of [`VideoFrames`]: size, frame sampling, stream and threads.
///
/// ```
/// use frame_features::{Sampling, VideoOptions};
///
/// let options = VideoOptions::default().size(224, 224).sampling(Sampling::Every(10));
/// assert_eq!(options.size, Some((224, 224)));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct VideoOptions {
    /// Width and height that frames are stretched to. Default: each frame's own.
    pub size: Option<(u32, u32)>,
    /// Which frames are given. Default: all.
    pub sampling: Sampling,
    /// Index of the video stream. Default: the one that FFmpeg finds best, which is the one marked
    /// as default, then the one with most bits.
    pub stream: Option<usize>,
    /// Threads that decode; 0 lets FFmpeg choose. Default: 0.
    pub threads: usize,
}

impl VideoOptions {
    /// Stretches frames to this size while they are decoded.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some((width, height));
        self
    }

    /// Gives these frames.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Reads this stream of the file.
    #[must_use]
    pub fn stream(mut self, index: usize) -> Self {
        self.stream = Some(index);
        self
    }

    /// Decodes on so many threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }
}

/// The frames of a video, decoded by FFmpeg in the order in which they are shown.
///
/// Reads any file that FFmpeg reads, at constant or variable frame rates, one frame at a time.
/// Frames are rotated as the container asks; interlaced ones come whole, both fields woven as they
/// are stored; what is transparent shows the colour below its transparency. A file that was cut
/// off gives the frames there are and then ends; [`ended_early`](Self::ended_early) says so.
///
/// Times go up from frame to frame. Where those of the file do not, or where it has none, they are
/// repaired by the rule of [`TimeRepairs`]; [`repairs`](Self::repairs) counts it.
///
/// Colours become red, green and blue by the matrix and the range that the frame names (BT.601 in
/// limited range where it names none), at full resolution: subsampled colour differences are
/// interpolated linearly from where they lie. With a [`size`](VideoOptions::size) the RGB picture
/// is then scaled as [`Picture::resize`](crate::Picture::resize) does it.
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
    source: Decoding,
    options: VideoOptions,
    sampler: Sampler,
    scaler: Scaler,
    /// The frame that is given or passed over.
    current: frame::Video,
    /// The one after it, where its time has to be known.
    ahead: Ahead,
    ended: bool,
}

/// A frame that was decoded before its turn.
struct Ahead {
    started: bool,
    decoded: Option<(usize, FrameTime)>,
    frame: frame::Video,
}

impl VideoFrames {
    /// Opens a video.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Video`] if the file cannot be read, is no video or has no such
    /// video stream; [`Error::Option`] if the options ask for what cannot be.
    pub fn open(path: impl AsRef<Path>, options: VideoOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        if let Some((width, height)) = options.size.filter(|&(w, h)| w == 0 || h == 0) {
            return Err(Error::Option {
                option: "the size of frames",
                value: format!("{width}x{height}"),
                expected: "1 or more pixels a side",
            });
        }
        options.sampling.check()?;
        let source = Decoding::open(path, options.stream, options.threads)?;
        let rotation = source.opened.rotation;
        let size = options
            .size
            .map(|(width, height)| rotation.rotated_size(width, height));
        Ok(Self {
            sampler: Sampler::new(options.sampling.clone()),
            scaler: Scaler::new(size),
            source,
            options,
            current: frame::Video::empty(),
            ahead: Ahead {
                started: false,
                decoded: None,
                frame: frame::Video::empty(),
            },
            ended: false,
        })
    }

    /// What the container says of the video.
    #[must_use]
    pub fn info(&self) -> &VideoInfo {
        &self.source.opened.info
    }

    /// Frames decoded so far, given or not: after [`decode_rest`](Self::decode_rest), the number of
    /// frames in the video.
    #[must_use]
    pub fn decoded(&self) -> usize {
        self.source.decoded
    }

    /// Packets that FFmpeg could not decode. The frames around them may be damaged or missing.
    #[must_use]
    pub fn damaged_packets(&self) -> usize {
        self.source.damaged
    }

    /// Seconds from the first frame's time to the end of the last one decoded.
    #[must_use]
    pub fn decoded_duration(&self) -> f64 {
        self.source.decoded_duration()
    }

    /// When the first frame is shown, in seconds as the container counts them; 0 before it was
    /// decoded.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.source.start()
    }

    /// What was wrong with the times of the frames decoded so far.
    #[must_use]
    pub fn repairs(&self) -> TimeRepairs {
        self.source.repairs()
    }

    /// After the last frame: how many seconds are missing of what the container states, if it
    /// states how long it is and more than half a second is missing.
    #[must_use]
    pub fn missing_seconds(&self) -> Option<f64> {
        self.source.missing
    }

    /// After the last frame: why the video is thought to be cut off, with the time, if it is.
    ///
    /// It is if reading fails, if the last packet cannot be decoded, or if all streams of the file
    /// end more than half a second before the end that it states
    /// ([`missing_seconds`](Self::missing_seconds)).
    #[must_use]
    pub fn ended_early(&self) -> Option<&str> {
        self.source.ended_early.as_deref()
    }

    /// The next frame, or nothing after the last one. Behind the last of
    /// [given times or frames](Sampling) nothing is decoded.
    ///
    /// # Errors
    ///
    /// [`Error::Video`] if there was no frame at all, or if frames are too large.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        let Some((index, time)) = self.skip_frame()? else {
            return Ok(None);
        };
        let (rgb, width, height) = self.scaler.rgb(&self.current).map_err(|error| {
            let problem = VideoProblem::Scaling { frame: index };
            self.source.error(problem).caused_by(error)
        })?;
        let (width, height) = (side(width), side(height));
        let rotation = self.source.opened.rotation;
        let rgb = rotation.rotate(rgb, width, height);
        let (width, height) = rotation.rotated_size(width, height);
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
        while !self.sampler.is_over() {
            let Some((index, time)) = self.step()? else {
                break;
            };
            let until = match self.ahead.decoded {
                Some((_, next)) => next.ticks,
                None => self.source.end_of_last(),
            };
            let is_last = self.ahead.decoded.is_none();
            if self.sampler.takes(index, time, until, is_last) {
                return Ok(Some((index, time)));
            }
        }
        if self.source.decoded == 0 && !self.sampler.is_over() {
            return Err(self.source.error(VideoProblem::NoFrames));
        }
        Ok(None)
    }

    /// Decodes what follows the last frame that is given, so that all of the video is known: how
    /// many frames it has, how long it is, whether it is whole.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn decode_rest(&mut self) -> Result<(), Error> {
        while self.step()?.is_some() {}
        match self.source.decoded {
            0 => Err(self.source.error(VideoProblem::NoFrames)),
            _ => Ok(()),
        }
    }

    /// Makes the next frame the current one.
    fn step(&mut self) -> Result<Option<(usize, FrameTime)>, Error> {
        if !self.sampler.needs_next_time() {
            return self.source.next(&mut self.current);
        }
        if !self.ahead.started {
            self.ahead.started = true;
            self.ahead.decoded = self.source.next(&mut self.ahead.frame)?;
        }
        let Some(step) = self.ahead.decoded else {
            return Ok(None);
        };
        std::mem::swap(&mut self.current, &mut self.ahead.frame);
        self.ahead.decoded = self.source.next(&mut self.ahead.frame)?;
        Ok(Some(step))
    }
}

impl Iterator for VideoFrames {
    type Item = Result<Frame, Error>;

    /// As [`next_frame`](VideoFrames::next_frame); nothing more comes after an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_frame();
        // After the end there is nothing to fail either, also if there was nothing before it.
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl FusedIterator for VideoFrames {}

impl fmt::Debug for VideoFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoFrames")
            .field("info", self.info())
            .field("options", &self.options)
            .field("decoded", &self.decoded())
            .finish_non_exhaustive()
    }
}
