use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use crate::NameError;
use crate::read::parse_time;

/// A position in a video, in centiseconds (1/100 s). Can be negative, and can lie past the end of
/// the video.
///
/// Real files hold -176300 and 141222 for videos of some minutes, so readers keep the number as it
/// is; what it means on a given video is [`Timeline`](crate::Timeline)'s business.
///
/// ```
/// use nico_comments::Vpos;
///
/// let vpos = Vpos::from_millis(62_509); // centiseconds are rounded down
/// assert_eq!(vpos, Vpos(6250));
/// assert_eq!(vpos.to_string(), "1:02.50");
/// assert_eq!(Vpos::from_secs_f64(0.5), Vpos(50));
/// assert_eq!(Vpos(100) + Vpos(20), Vpos(120));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(transparent)
)]
pub struct Vpos(pub i64);

impl Vpos {
    /// The position `millis` milliseconds (1/1000 s) from the start, rounded down: -5 ms is -1 cs.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.div_euclid(10))
    }

    /// The position `seconds` from the start, rounded to the nearest centisecond. NaN becomes 0,
    /// what does not fit saturates.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, which is what is documented"
    )]
    pub fn from_secs_f64(seconds: f64) -> Self {
        Self((seconds * 100.0).round() as i64)
    }

    /// The position that `h:m:s`, `m:s` or seconds mean, with a fraction or without, which is cut to
    /// centiseconds; negative behind a `-`. `None` for any other text.
    ///
    /// ```
    /// use nico_comments::Vpos;
    ///
    /// assert_eq!(Vpos::parse("1:02.5"), Some(Vpos(6250)));
    /// assert_eq!(Vpos::parse("-3"), Some(Vpos(-300)));
    /// assert_eq!(Vpos::parse("soon"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_time(text)
    }

    /// The position in seconds. Exact up to 2⁵³ centiseconds.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "three million years fit exactly"
    )]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The position in milliseconds, saturating at the ends of `i64`.
    #[must_use]
    pub const fn to_millis(self) -> i64 {
        self.0.saturating_mul(10)
    }
}

impl Add for Vpos {
    type Output = Self;

    /// Adds, saturating at the ends of `i64`.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Vpos {
    type Output = Self;

    /// Subtracts, saturating at the ends of `i64`.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// As [`Vpos::parse`], with an error.
impl FromStr for Vpos {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text).ok_or_else(|| NameError {
            found: text.to_owned(),
            what: "position in a video",
            expected: "seconds, m:s or h:m:s",
        })
    }
}

/// Minutes, seconds and centiseconds: `23:37.00`, `-0:00.05`. Hours are not split off.
impl fmt::Display for Vpos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let centis = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!(
            "{sign}{}:{:02}.{:02}",
            centis / 6000,
            centis / 100 % 60,
            centis % 100
        );
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_round_down() {
        assert_eq!(Vpos::from_millis(-5), Vpos(-1));
        assert_eq!(Vpos::from_millis(-10), Vpos(-1));
        assert_eq!(Vpos::from_millis(19), Vpos(1));
        // -…5808 rounds down to -…581, which saturates.
        assert_eq!(Vpos::from_millis(i64::MIN).to_millis(), i64::MIN);
    }

    #[test]
    fn displays_any_number() {
        assert_eq!(Vpos(-5).to_string(), "-0:00.05");
        assert_eq!(Vpos(141_700).to_string(), "23:37.00");
        assert_eq!(Vpos(i64::MIN).to_string(), "-1537228672809129:18.08");
    }

    #[test]
    fn what_is_displayed_is_parsed() {
        assert_eq!(Vpos(-5).to_string().parse(), Ok(Vpos(-5)));
        let error = "soon".parse::<Vpos>().unwrap_err().to_string();
        assert!(error.contains("expected seconds, m:s or h:m:s"), "{error}");
    }

    #[test]
    fn seconds_saturate() {
        assert_eq!(Vpos::from_secs_f64(f64::INFINITY), Vpos(i64::MAX));
        assert_eq!(Vpos::from_secs_f64(f64::NAN), Vpos(0));
    }
}
