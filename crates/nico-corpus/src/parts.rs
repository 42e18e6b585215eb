//! How what is learnt from is kept apart from what is measured on: within each video, or whole
//! videos.

use std::{fmt, str::FromStr};

use nico_comments::Timeline;
use serde::{Deserialize, Serialize};

use crate::split::{Part, Split, SplitRule, VideoSplit};

/// What is held out: frames of each video by a rule, or whole videos. Default: blocks of ten
/// seconds.
///
/// ```
/// use nico_corpus::{SplitBy, SplitRule};
///
/// assert_eq!("halves".parse(), Ok(SplitBy::Within(SplitRule::Halves)));
/// assert_eq!(SplitBy::Videos.to_string(), "videos");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum SplitBy {
    /// By this rule within each video.
    Within(SplitRule),
    /// Whole videos are held out.
    Videos,
}

impl Default for SplitBy {
    fn default() -> Self {
        Self::Within(SplitRule::default())
    }
}

impl fmt::Display for SplitBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(rule) => rule.fmt(f),
            Self::Videos => f.pad("videos"),
        }
    }
}

impl From<SplitBy> for String {
    fn from(split: SplitBy) -> Self {
        split.to_string()
    }
}

impl TryFrom<String> for SplitBy {
    type Error = UnknownSplitBy;

    fn try_from(name: String) -> Result<Self, UnknownSplitBy> {
        name.parse()
    }
}

impl FromStr for SplitBy {
    type Err = UnknownSplitBy;

    fn from_str(name: &str) -> Result<Self, UnknownSplitBy> {
        if name == "videos" {
            return Ok(Self::Videos);
        }
        let rule = name.parse().map(Self::Within);
        rule.map_err(|_| UnknownSplitBy(name.to_owned()))
    }
}

/// No split has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no split is called {0:?}: expected frames, seconds, blocks, halves or videos")]
pub struct UnknownSplitBy(pub String);

/// Why videos cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// One video cannot be split by videos.
    #[error("a split by videos needs two videos or more, there is {videos}")]
    FewVideos {
        /// How many there are.
        videos: usize,
    },
    /// A video that is to be held out does not exist.
    #[error("video {number} cannot be held out: there are videos 1 to {videos}")]
    NoSuchVideo {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        videos: usize,
    },
    /// All videos are to be held out.
    #[error("all videos are held out, none is left to learn from")]
    NothingLeft,
    /// Videos are to be held out by a split within videos.
    #[error("videos can only be held out by a split by videos")]
    HoldOutWithin,
}

/// Which frame of which video is for what.
#[derive(Debug)]
pub enum VideoParts {
    /// By a rule within each video.
    Within(Vec<Split>),
    /// Whole videos.
    Videos(VideoSplit),
}

impl VideoParts {
    /// Splits videos with these times; `held_out` are numbers from 1 of the videos to measure on, a
    /// tenth at random if there are none.
    ///
    /// # Errors
    ///
    /// Fails if nothing is left to learn from or to measure on whatever the comments are.
    pub fn new(
        by: SplitBy,
        timelines: &[Timeline],
        held_out: &[usize],
        seed: u64,
    ) -> Result<Self, SplitError> {
        let videos = timelines.len();
        let SplitBy::Within(rule) = by else {
            if videos < 2 {
                return Err(SplitError::FewVideos { videos });
            }
            let exists = |number: &usize| (1..=videos).contains(number);
            if let Some(&number) = held_out.iter().find(|number| !exists(number)) {
                return Err(SplitError::NoSuchVideo { number, videos });
            }
            if (1..=videos).all(|video| held_out.contains(&video)) {
                return Err(SplitError::NothingLeft);
            }
            return Ok(Self::Videos(if held_out.is_empty() {
                VideoSplit::new(videos, seed)
            } else {
                VideoSplit::holding_out(videos, held_out.iter().map(|number| number - 1))
            }));
        };
        if !held_out.is_empty() {
            return Err(SplitError::HoldOutWithin);
        }
        let splits = timelines.iter();
        Ok(Self::Within(
            splits
                .map(|timeline| Split::new(rule, seed, timeline))
                .collect(),
        ))
    }

    /// Whether all of a video, by its number from 0, is held out.
    #[must_use]
    pub fn holds_out(&self, video: usize) -> bool {
        match self {
            Self::Within(_) => false,
            Self::Videos(split) => split.assign(video) == Part::Dev,
        }
    }

    /// What a frame is for, by the number of its video, from 0, and its row there; frames past the
    /// last are as the last.
    ///
    /// # Panics
    ///
    /// Panics within videos if there is no video of this number.
    #[must_use]
    pub fn assign(&self, video: usize, row: usize) -> Part {
        match self {
            Self::Within(splits) => splits[video].assign(row),
            Self::Videos(split) => split.assign(video),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timelines(videos: usize) -> Vec<Timeline> {
        let timeline = || Timeline::constant(10, 1, 100).unwrap();
        (0..videos).map(|_| timeline()).collect()
    }

    #[test]
    fn whole_videos_are_held_out_by_their_numbers() {
        let parts = VideoParts::new(SplitBy::Videos, &timelines(3), &[2], 1).unwrap();
        let found: Vec<Part> = (0..3).map(|video| parts.assign(video, 50)).collect();
        assert_eq!(found, [Part::Train, Part::Dev, Part::Train]);
        let drawn = VideoParts::new(SplitBy::Videos, &timelines(3), &[], 1).unwrap();
        let dev = (0..3).filter(|&video| drawn.assign(video, 0) == Part::Dev);
        assert_eq!(dev.count(), 1);
    }

    #[test]
    fn each_video_is_split_by_itself() {
        let halves = SplitBy::Within(SplitRule::Halves);
        let parts = VideoParts::new(halves, &timelines(2), &[], 1).unwrap();
        for video in 0..2 {
            assert_eq!(parts.assign(video, 49), Part::Train);
            assert_eq!(parts.assign(video, 50), Part::Dev);
        }
    }

    #[test]
    fn what_cannot_be_split_is_told() {
        let blocks = SplitBy::Within(SplitRule::Blocks);
        let no_such = |number| SplitError::NoSuchVideo { number, videos: 2 };
        let cases = [
            (
                SplitBy::Videos,
                1,
                vec![],
                SplitError::FewVideos { videos: 1 },
            ),
            (SplitBy::Videos, 2, vec![3], no_such(3)),
            (SplitBy::Videos, 2, vec![0], no_such(0)),
            (SplitBy::Videos, 2, vec![1, 2], SplitError::NothingLeft),
            (blocks, 2, vec![1], SplitError::HoldOutWithin),
        ];
        for (by, videos, held_out, expected) in cases {
            let error = VideoParts::new(by, &timelines(videos), &held_out, 1).unwrap_err();
            assert_eq!(error, expected);
        }
        assert!("vidoes".parse::<SplitBy>().is_err());
    }
}
