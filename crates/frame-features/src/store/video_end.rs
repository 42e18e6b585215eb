//! What is known of a video after its last frame.

use crate::rational::Rational;
use crate::time_repairs::TimeRepairs;

/// End of a video: what is known of it when its last frame has been seen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoEnd {
    /// Frames in the video, taken or not.
    pub video_frames: usize,
    /// Frames per second.
    pub frame_rate: Rational,
    /// Seconds from the time of the first frame to the end of the last one.
    pub duration: f64,
    /// Time of the first frame in seconds, taken or not. Default: that of the first row.
    pub start: Option<f64>,
    /// If the file was cut off, what FFmpeg said.
    pub ended_early: Option<String>,
    /// Seconds that are missing of what the container states.
    pub missing_seconds: Option<f64>,
    /// What was wrong with the times of the frames. Default: nothing.
    pub time_repairs: TimeRepairs,
}

impl VideoEnd {
    /// The end of a whole video.
    #[must_use]
    pub fn new(video_frames: usize, frame_rate: Rational, duration: f64) -> Self {
        Self {
            video_frames,
            frame_rate,
            duration,
            start: None,
            ended_early: None,
            missing_seconds: None,
            time_repairs: TimeRepairs::default(),
        }
    }

    /// Says when the first frame is shown, in seconds as the rows' times count.
    #[must_use]
    pub fn start(mut self, seconds: f64) -> Self {
        self.start = Some(seconds);
        self
    }

    /// Says why the file is thought to be cut off, if it is.
    #[must_use]
    pub fn ended_early(mut self, reason: impl Into<Option<String>>) -> Self {
        self.ended_early = reason.into();
        self
    }

    /// Says how many seconds are missing of what the container states, if some are.
    #[must_use]
    pub fn missing_seconds(mut self, seconds: impl Into<Option<f64>>) -> Self {
        self.missing_seconds = seconds.into();
        self
    }

    /// Says what was wrong with the times of the frames.
    #[must_use]
    pub fn time_repairs(mut self, repairs: TimeRepairs) -> Self {
        self.time_repairs = repairs;
        self
    }
}
