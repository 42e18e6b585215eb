use std::fmt;
use std::str::FromStr;

use ffmpeg_next::Rational;

use crate::error::Error;

/// Frames a second, a fraction as 30000/1001.
///
/// ```
/// use overlay_render::FrameRate;
///
/// let rate: FrameRate = "29.97".parse()?;
/// assert_eq!(rate, FrameRate::new(2997, 100)?);
/// assert_eq!("30000/1001".parse::<FrameRate>()?.to_string(), "30000/1001");
/// assert!("0".parse::<FrameRate>().is_err());
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRate(i32, i32);

impl FrameRate {
    /// Highest number of frames a second.
    pub const MAX: u32 = 1000;

    /// `frames` in `seconds`.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] unless the rate is above 0 and at most [`MAX`](Self::MAX), and both
    /// numbers are below 2²⁰.
    pub fn new(frames: u32, seconds: u32) -> Result<Self, Error> {
        let wrong = || Self::wrong(f64::from(frames) / f64::from(seconds));
        if frames == 0 || seconds == 0 || frames.div_ceil(seconds) > Self::MAX {
            return Err(wrong());
        }
        let number = |number: u32| {
            let small = number < 1 << 20;
            i32::try_from(number).ok().filter(|_| small)
        };
        let rate = number(frames).zip(number(seconds));
        rate.map(|(frames, seconds)| Self(frames, seconds))
            .ok_or_else(wrong)
    }

    fn wrong(found: f64) -> Error {
        Error::OutOfRange {
            what: "the frame rate",
            found,
            expected: "a number above 0 and at most 1000, as 30, 29.97 or 30000/1001",
        }
    }

    pub(super) fn ratio(self) -> Rational {
        Rational(self.0, self.1)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(frames, 1) => write!(f, "{frames}"),
            Self(frames, seconds) => write!(f, "{frames}/{seconds}"),
        }
    }
}

impl FromStr for FrameRate {
    type Err = Error;

    /// Reads `30`, `29.97` or `30000/1001`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Self::wrong(text.parse().unwrap_or(f64::NAN));
        let number = |text: &str| text.parse::<u32>().ok();
        let (frames, seconds) = if let Some((frames, seconds)) = text.split_once('/') {
            number(frames).zip(number(seconds))
        } else if let Some((whole, part)) = text.split_once('.') {
            let places = u32::try_from(part.len()).unwrap_or(u32::MAX);
            let seconds = 10_u32.checked_pow(places);
            number(&format!("{whole}{part}")).zip(seconds)
        } else {
            number(text).map(|frames| (frames, 1))
        }
        .ok_or_else(wrong)?;
        Self::new(frames, seconds).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<FrameRate>().map(|rate| (rate.0, rate.1)).ok();
        assert_eq!(read("30"), Some((30, 1)));
        assert_eq!(read("23.976"), Some((23_976, 1000)));
        assert_eq!(read("60000/1001"), Some((60_000, 1001)));
        assert_eq!(read("0.5"), Some((5, 10)));
        for wrong in [
            "", "0", "-1", "x", "1001", "30/0", "1/", "1.x", "inf", "0.0", "3e1",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let message = "1e9"
            .parse::<FrameRate>()
            .expect_err("too many")
            .to_string();
        assert!(
            message.contains("frame rate") && message.contains("1000"),
            "{message}"
        );
    }
}
