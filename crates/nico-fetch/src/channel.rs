use std::fmt;

use crate::parse_error::ParseError;

/// A broadcast channel: `jk` and digits.
///
/// ```
/// use nico_fetch::Channel;
///
/// assert_eq!("jk211".parse::<Channel>()?.as_str(), "jk211");
/// assert!("sm9".parse::<Channel>().is_err());
/// # Ok::<(), nico_fetch::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Channel(String);

impl Channel {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Channel {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix("jk").unwrap_or_default();
        let valid =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::Channel)
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
