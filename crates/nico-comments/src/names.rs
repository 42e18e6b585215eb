//! Enums whose variants have names: the one table of each, for reading, writing and listing them.

/// A text that is not one of the names, or not of the form, of what it should be.
///
/// ```
/// use nico_comments::{NameError, Position};
///
/// let error: NameError = "top".parse::<Position>().unwrap_err();
/// assert_eq!(error.to_string(), "\"top\" is not a position, expected naka, ue or shita");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a {what}, expected {expected}")]
#[non_exhaustive]
pub struct NameError {
    /// What stood there.
    pub found: String,
    /// What it should be: `position`, `size`, `colour` and so on.
    pub what: &'static str,
    /// The names there are, or the form.
    pub expected: &'static str,
}

/// Gives an enum without fields `ALL`, `as_str`, `Display` and `FromStr` by one table of names.
macro_rules! named {
    ($type:ident, $what:literal, $expected:literal, [$($variant:ident = $name:literal),+ $(,)?]) => {
        impl $type {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name, by which [`FromStr`](std::str::FromStr) finds it again.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// The one of this name, ASCII letters in any case.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                let mut all = Self::ALL.iter().copied();
                all.find(|one| one.as_str().eq_ignore_ascii_case(name))
            }
        }

        /// The name.
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// By the name, ASCII letters in any case.
        impl std::str::FromStr for $type {
            type Err = $crate::NameError;

            fn from_str(name: &str) -> Result<Self, $crate::NameError> {
                Self::from_name(name).ok_or_else(|| $crate::NameError {
                    found: name.to_owned(),
                    what: $what,
                    expected: $expected,
                })
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    use crate::{Font, Format, Position, Size};

    #[test]
    fn names_are_read_back() {
        assert!(
            Position::ALL
                .iter()
                .all(|one| one.as_str().parse() == Ok(*one))
        );
        assert!(Size::ALL.iter().all(|one| one.as_str().parse() == Ok(*one)));
        assert!(Font::ALL.iter().all(|one| one.as_str().parse() == Ok(*one)));
        assert!(
            Format::ALL
                .iter()
                .all(|one| one.as_str().parse() == Ok(*one))
        );
        assert_eq!("UE".parse(), Ok(Position::Ue));
        assert!("".parse::<Format>().is_err());
    }
}
