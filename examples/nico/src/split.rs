//! How what is learnt from is kept apart from what is measured on: within each video, or whole videos.

use std::{fmt, str::FromStr};

use nico_comments::Timeline;
use nico_corpus::{Part, Split, SplitRule, VideoSplit};

use crate::failure::{Failure, Outcome};

/// A split on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SplitName {
    /// By this rule within each video.
    Within(SplitRule),
    /// Whole videos are held out.
    Videos,
}

impl fmt::Display for SplitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(rule) => rule.fmt(f),
            Self::Videos => f.pad("videos"),
        }
    }
}

impl FromStr for SplitName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "videos" {
            return Ok(Self::Videos);
        }
        let rule = name.parse().map(Self::Within);
        rule.map_err(|_| {
            format!(
                "no split is called {name:?}: expected frames, seconds, blocks, halves or videos"
            )
        })
    }
}

/// Which frame of which video is for what.
#[derive(Debug)]
pub(crate) enum Parts {
    Within(Vec<Split>),
    Videos(VideoSplit),
}

impl Parts {
    /// Splits videos with these times; `held_out` are numbers from 1 of the videos to measure on, a tenth at random if there are none.
    ///
    /// # Errors
    ///
    /// Fails if nothing is left to learn from or to measure on whatever the comments are.
    pub(crate) fn new(
        name: SplitName,
        timelines: &[Timeline],
        held_out: &[usize],
        seed: u64,
    ) -> Outcome<Self> {
        let videos = timelines.len();
        let SplitName::Within(rule) = name else {
            if videos < 2 {
                return Err(Failure::new(
                    "--split videos needs the --features and --comments of two videos or more",
                ));
            }
            if let Some(wrong) = held_out
                .iter()
                .find(|number| !(1..=videos).contains(number))
            {
                return Err(Failure::new(format!(
                    "--hold-out {wrong}: there are videos 1 to {videos}"
                )));
            }
            if (1..=videos).all(|video| held_out.contains(&video)) {
                return Err(Failure::new("--hold-out leaves no video to learn from"));
            }
            return Ok(Self::Videos(if held_out.is_empty() {
                VideoSplit::new(videos, seed)
            } else {
                VideoSplit::holding_out(videos, held_out.iter().map(|number| number - 1))
            }));
        };
        if !held_out.is_empty() {
            return Err(Failure::new("--hold-out belongs to --split videos"));
        }
        let splits = timelines.iter();
        Ok(Self::Within(
            splits
                .map(|timeline| Split::new(rule, seed, timeline))
                .collect(),
        ))
    }

    /// What a frame is for, by the number of its video, from 0, and its row there.
    pub(crate) fn assign(&self, video: usize, row: usize) -> Part {
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
        let parts = Parts::new(SplitName::Videos, &timelines(3), &[2], 1).unwrap();
        let found: Vec<Part> = (0..3).map(|video| parts.assign(video, 50)).collect();
        assert_eq!(found, [Part::Train, Part::Dev, Part::Train]);
        let drawn = Parts::new(SplitName::Videos, &timelines(3), &[], 1).unwrap();
        let dev = (0..3).filter(|&video| drawn.assign(video, 0) == Part::Dev);
        assert_eq!(dev.count(), 1);
    }

    #[test]
    fn each_video_is_split_by_itself() {
        let halves = SplitName::Within(SplitRule::Halves);
        let parts = Parts::new(halves, &timelines(2), &[], 1).unwrap();
        for video in 0..2 {
            assert_eq!(parts.assign(video, 49), Part::Train);
            assert_eq!(parts.assign(video, 50), Part::Dev);
        }
    }

    #[test]
    fn what_cannot_be_split_is_told() {
        let blocks = SplitName::Within(SplitRule::Blocks);
        let cases = [
            (SplitName::Videos, 1, vec![], "two videos or more"),
            (SplitName::Videos, 2, vec![3], "videos 1 to 2"),
            (SplitName::Videos, 2, vec![0], "videos 1 to 2"),
            (SplitName::Videos, 2, vec![1, 2], "no video to learn from"),
            (blocks, 2, vec![1], "belongs to --split videos"),
        ];
        for (name, videos, held_out, expected) in cases {
            let error = Parts::new(name, &timelines(videos), &held_out, 1).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(
            "vidoes"
                .parse::<SplitName>()
                .unwrap_err()
                .contains("or videos")
        );
    }
}
