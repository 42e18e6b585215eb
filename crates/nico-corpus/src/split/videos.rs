use std::hash::Hash;

use super::draw::draw;
use super::part::Part;
use super::tally::SplitTally;

/// A division of several videos: whole ones are held out to judge by, so that nothing of them was
/// learnt.
///
/// Videos are numbered from 0 in the order of the caller. There is no guard.
///
/// ```
/// use nico_corpus::{Part, VideoSplit};
///
/// let split = VideoSplit::new(20, 7); // two of twenty
/// assert_eq!((0..20).filter(|&video| split.assign(video) == Part::Dev).count(), 2);
///
/// let split = VideoSplit::holding_out(2, [1]);
/// let tally = split.tally([(0, "草"), (0, "w"), (1, "草"), (1, "8888")]);
/// assert_eq!((tally.train, tally.dev, tally.leak()), (2, 2, 0.5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoSplit {
    parts: Vec<Part>,
}

impl VideoSplit {
    /// Holds out a tenth of the videos, drawn at random; at least one if there are two. The same
    /// for the same numbers on every machine.
    #[must_use]
    pub fn new(num_videos: usize, seed: u64) -> Self {
        Self {
            parts: draw(num_videos, seed),
        }
    }

    /// Holds out these of the videos; numbers past the last are passed over.
    #[must_use]
    pub fn holding_out(num_videos: usize, videos: impl IntoIterator<Item = usize>) -> Self {
        let mut parts = vec![Part::Train; num_videos];
        for video in videos {
            if let Some(part) = parts.get_mut(video) {
                *part = Part::Dev;
            }
        }
        Self { parts }
    }

    /// The part of a video: [`Part::Train`] past the last.
    #[must_use]
    pub fn assign(&self, video: usize) -> Part {
        self.parts.get(video).copied().unwrap_or(Part::Train)
    }

    /// Counts comments, given as the number of their video and their text; see
    /// [`SplitTally::count`].
    #[must_use]
    pub fn tally<T: Eq + Hash>(
        &self,
        comments: impl IntoIterator<Item = (usize, T)>,
    ) -> SplitTally {
        SplitTally::count(
            comments
                .into_iter()
                .map(|(video, text)| (self.assign(video), text)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_held_out_and_some_are_not() {
        for num_videos in 2..60 {
            let split = VideoSplit::new(num_videos, 3);
            let dev = (0..num_videos)
                .filter(|&video| split.assign(video) == Part::Dev)
                .count();
            assert_eq!(dev, ((num_videos + 5) / 10).max(1), "of {num_videos}");
        }
        assert_eq!(VideoSplit::new(1, 0).assign(0), Part::Train);
        assert_eq!(VideoSplit::holding_out(2, [0, 9]).assign(9), Part::Train);
    }
}
