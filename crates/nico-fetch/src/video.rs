use std::fmt;

use crate::parse_error::ParseError;

/// The id of a video: two letters and digits (`sm9`, `so123`), or digits alone.
///
/// ```
/// use nico_fetch::VideoId;
///
/// let id: VideoId = "sm9".parse()?;
/// assert_eq!(id.as_str(), "sm9");
/// assert!("../sm9".parse::<VideoId>().is_err());
/// # Ok::<(), nico_fetch::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VideoId(String);

impl VideoId {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for VideoId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = match text.as_bytes() {
            [a, b, digits @ ..] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => digits,
            digits => digits,
        };
        let valid = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::Video)
        }
    }
}

impl fmt::Display for VideoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_nothing_that_means_something_in_a_url_or_path() {
        for text in [
            "",
            "sm",
            "sm/9",
            "sm9/..",
            "sm9?x",
            "sm９",
            "SM9",
            "s9",
            "abc9",
            "sm12345678901234567",
            "sm9\n",
        ] {
            assert!(text.parse::<VideoId>().is_err(), "{text:?}");
        }
        for text in ["sm9", "so38016254", "nm2829323", "1610000000"] {
            assert!(text.parse::<VideoId>().is_ok(), "{text:?}");
        }
    }
}
