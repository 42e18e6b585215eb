//! A frame and its time.

use std::fmt;

use crate::picture::Picture;
use crate::rational::Rational;

/// Frame time: when a frame is shown, exactly `ticks * time_base` seconds, as `ffprobe
/// -show_frames` says.
///
/// ```
/// use frame_features::{FrameTime, Rational};
///
/// let time = FrameTime { ticks: 1001, time_base: Rational::new(1, 30000) };
/// assert!((time.seconds() - 1.0 / 29.97).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameTime {
    /// Number of units. Can be negative.
    pub ticks: i64,
    /// The unit, in seconds.
    pub time_base: Rational,
}

impl FrameTime {
    /// The time in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        let Rational {
            numerator,
            denominator,
        } = self.time_base;
        match self.ticks.checked_mul(numerator) {
            Some(product) => Rational::new(product, denominator).to_f64(),
            None => Rational::new(self.ticks, 1).to_f64() * self.time_base.to_f64(),
        }
    }
}

/// A decoded frame.
///
/// ```no_run
/// # let mut frames = frame_features::VideoFrames::open("cafe.mp4", Default::default())?;
/// if let Some(frame) = frames.next_frame()? {
///     println!("frame {} at {} s", frame.index, frame.time.seconds());
///     println!("top left: {:?}", &frame.rgb[..3]);
/// }
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// How many frames come before it in the video.
    pub index: usize,
    /// When it is shown.
    pub time: FrameTime,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Its pixels: rows from the top, red, green and blue in a byte each.
    pub rgb: Vec<u8>,
}

impl Frame {
    /// The frame as a picture, for [`Preprocess`](crate::Preprocess).
    ///
    /// # Panics
    ///
    /// Panics if the fields were changed so that they do not fit each other.
    #[must_use]
    pub fn picture(&self) -> Picture<'_> {
        Picture::new(self.width, self.height, &self.rgb).expect("frames have three bytes a pixel")
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("index", &self.index)
            .field("seconds", &self.time.seconds())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}
