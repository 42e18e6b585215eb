//! Frame sampling: which frames of a video are taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rational::Rational;

/// Frame sampling: which frames of a video are taken. Each keeps its index and its time in the
/// whole video.
///
/// # Example
///
/// ```
/// use frame_features::{Rational, Sampling};
///
/// assert_eq!(Sampling::every(1), Sampling::All);
/// assert_eq!(Sampling::every(3).to_string(), "one frame of 3");
/// let twice = Sampling::PerSecond(Rational::new(2, 1));
/// assert_eq!(twice.to_string(), "2/1 frames a second");
/// let commented = Sampling::Frames(vec![12, 90, 90]); // order and repetitions do not matter
/// assert_eq!(commented.to_string(), "3 given frames");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sampling {
    /// All frames.
    #[default]
    All,
    /// Frames 0, N, 2N and so on.
    Every(usize),
    /// So many frames a second: those that are shown at the first frame's time and then at each
    /// period after it. A frame that is shown for several periods is taken once.
    PerSecond(Rational),
    /// The frames that are shown at these times, in seconds as the container counts them. A time
    /// before the first frame takes the first one, a time past the end the last one.
    Times(Vec<f64>),
    /// The frames of these indices, such as those that have comments. Indices past the end of the
    /// video take nothing.
    Frames(Vec<usize>),
}

impl Sampling {
    /// One of so many frames; 1 takes all. None can be taken of 0, which is refused where it is
    /// used.
    #[must_use]
    pub fn every(frames: usize) -> Self {
        Self::Every(frames).normalised()
    }

    /// The same choice written in one way only: lists ascend without repetitions.
    pub(crate) fn normalised(mut self) -> Self {
        match &mut self {
            Self::Every(1) => return Self::All,
            Self::Times(times) => {
                times.sort_by(f64::total_cmp);
                times.dedup();
            }
            Self::Frames(frames) => {
                frames.sort_unstable();
                frames.dedup();
            }
            _ => {}
        }
        self
    }

    /// Refuses what takes no frames of any video.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (value, expected) = match self {
            Self::Every(0) => (self.to_string(), "one of 1 or more"),
            Self::PerSecond(rate) if rate.numerator <= 0 || rate.denominator <= 0 => {
                (self.to_string(), "more than 0")
            }
            Self::Times(times) if times.is_empty() => ("no times".to_owned(), "at least one"),
            Self::Times(times) => match times.iter().find(|time| !time.is_finite()) {
                Some(time) => (format!("the frame at {time} s"), "a finite time"),
                None => return Ok(()),
            },
            Self::Frames(frames) if frames.is_empty() => ("no frames".to_owned(), "at least one"),
            _ => return Ok(()),
        };
        Err(Error::Option {
            option: "the sampling",
            value,
            expected,
        })
    }

    /// How many frames it takes of a video of about so many frames and seconds.
    #[cfg(feature = "video")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast to an integer is held within its range"
    )]
    pub(crate) fn expected(&self, frames: usize, seconds: f64) -> usize {
        match self {
            Self::All => frames,
            Self::Every(step) => frames.div_ceil(*step),
            Self::PerSecond(rate) => ((seconds * rate.to_f64()).ceil() as usize).min(frames),
            Self::Times(times) => times.len().min(frames),
            Self::Frames(indices) => indices.partition_point(|&index| index < frames),
        }
    }
}

impl fmt::Display for Sampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all frames"),
            Self::Every(step) => write!(f, "one frame of {step}"),
            Self::PerSecond(rate) => write!(f, "{rate} frames a second"),
            Self::Times(times) => write!(f, "{} given times", times.len()),
            Self::Frames(frames) => write!(f, "{} given frames", frames.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_becomes_the_same() {
        assert_eq!(Sampling::Every(1).normalised(), Sampling::All);
        let frames = Sampling::Frames(vec![9, 2, 9]).normalised();
        assert_eq!(frames, Sampling::Frames(vec![2, 9]));
        let times = Sampling::Times(vec![1.0, 0.5, 1.0]).normalised();
        assert_eq!(times, Sampling::Times(vec![0.5, 1.0]));
    }

    #[test]
    fn what_cannot_be_taken_is_said() {
        for (sampling, part) in [
            (Sampling::Every(0), "one frame of 0"),
            (Sampling::PerSecond(Rational::new(0, 1)), "0/1 frames"),
            (Sampling::PerSecond(Rational::new(1, 0)), "1/0 frames"),
            (Sampling::Times(vec![1.0, f64::NAN]), "NaN"),
            (Sampling::Times(vec![]), "no times"),
            (Sampling::Frames(vec![]), "no frames"),
        ] {
            let message = sampling.check().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        assert!(Sampling::All.check().is_ok());
    }
}
