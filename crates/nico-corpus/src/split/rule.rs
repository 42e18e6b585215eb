use std::fmt;

/// How the frames of a video are divided into train and dev. Whole videos are held out by
/// [`VideoSplit`](crate::VideoSplit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SplitRule {
    /// Frames 9:1 at random, as in the original experiment. Leaky: the neighbour of a dev frame is
    /// a train frame.
    Frames,
    /// Whole seconds 9:1 at random.
    Seconds,
    /// Blocks of at least 10 s 9:1 at random, with a guard of 2 s where train and dev meet that
    /// belongs to neither. Videos too short for two blocks are cut into two (those of less than
    /// eight frames may be guard altogether).
    #[default]
    Blocks,
    /// The first half of the frames trains, the second is dev.
    Halves,
}

impl SplitRule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Frames, Self::Seconds, Self::Blocks, Self::Halves];

    /// The name: `frames`, `seconds`, `blocks`, `halves`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Seconds => "seconds",
            Self::Blocks => "blocks",
            Self::Halves => "halves",
        }
    }
}

impl fmt::Display for SplitRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// There is no split rule of this name.
///
/// ```
/// # use nico_corpus::SplitRule;
/// let error = "random".parse::<SplitRule>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no split is called \"random\": expected frames, seconds, blocks or halves"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no split is called {0:?}: expected frames, seconds, blocks or halves")]
pub struct UnknownSplit(pub String);

impl std::str::FromStr for SplitRule {
    type Err = UnknownSplit;

    fn from_str(name: &str) -> Result<Self, UnknownSplit> {
        Self::ALL
            .into_iter()
            .find(|rule| rule.as_str() == name)
            .ok_or_else(|| UnknownSplit(name.to_owned()))
    }
}
