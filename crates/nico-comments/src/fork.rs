use std::fmt;

/// The part of a thread that a comment belongs to.
///
/// Message-server files write `fork="1"` and `fork="2"`, later ones words; both parse to the same
/// value.
///
/// ```
/// use nico_comments::Fork;
///
/// assert_eq!(Fork::parse("1"), Fork::Owner);
/// assert_eq!(Fork::parse("easy"), Fork::Easy);
/// assert_eq!(Fork::parse("ai").as_str(), "ai");
/// assert_eq!(Fork::from("2"), Fork::Easy);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fork {
    /// Viewers' comments: no fork, `0` or `main`.
    #[default]
    Main,
    /// Comments of the video's owner: `1` or `owner`.
    Owner,
    /// One-tap comments (かんたんコメント): `2` or `easy`. A small stock of bodies with many
    /// repeats.
    Easy,
    /// Any other fork, as it was written. To be treated like [`Main`](Fork::Main).
    Other(String),
}

impl Fork {
    /// The fork that a number or word means, surrounding white space ignored. Never fails: unknown
    /// text is kept.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "" | "0" | "main" => Self::Main,
            "1" | "owner" => Self::Owner,
            "2" | "easy" => Self::Easy,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word used since 2022: `main`, `owner`, `easy`, or the text found.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Main => "main",
            Self::Owner => "owner",
            Self::Easy => "easy",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for Fork {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
