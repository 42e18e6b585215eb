use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that a model learnt from or with, by its contents: a video, a file of comments, a
/// lexicon, or a choice such as the split.
///
/// A training keeps the parts that it is told of, and goes on only with the same ones. Names are
/// for people: a file that was moved is the same part.
///
/// ```
/// use caption_model::LearntPart;
///
/// let video = LearntPart::file("video 1", "cafe.mp4", "e3b0c44298fc1c149afb");
/// let moved = LearntPart::file("video 1", "old/cafe.mp4", "e3b0c44298fc1c149afb");
/// assert!(video.is_same(&moved));
/// assert_eq!(video.to_string(), "cafe.mp4 (e3b0c44298fc…)");
/// assert_eq!(LearntPart::choice("split", "seconds").to_string(), "seconds");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LearntPart {
    /// What it is among the others: `video 1`, `split`.
    pub what: String,
    /// Its name: a file's path, or the value of a choice.
    pub name: String,
    /// Checksum of a file's contents; a choice has none and is compared by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl LearntPart {
    /// Something with contents, by its SHA-256 in hexadecimal digits.
    #[must_use]
    pub fn file(
        what: impl Into<String>,
        name: impl Into<String>,
        sha256: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            name: name.into(),
            sha256: Some(sha256.into()),
        }
    }

    /// A choice, by its value.
    #[must_use]
    pub fn choice(what: impl Into<String>, value: impl fmt::Display) -> Self {
        Self {
            what: what.into(),
            name: value.to_string(),
            sha256: None,
        }
    }

    /// Whether both are the same thing: contents decide where there are any, names otherwise.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let contents = |part: &Self| part.sha256.clone().ok_or_else(|| part.name.clone());
        self.what == other.what && contents(self) == contents(other)
    }
}

/// The name, with the first 12 digits of the checksum where there is one.
impl fmt::Display for LearntPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.sha256 {
            None => Ok(()),
            Some(sha256) => {
                let digits: String = sha256.chars().take(12).collect();
                write!(f, " ({digits}…)")
            }
        }
    }
}
