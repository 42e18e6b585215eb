use std::hash::Hash;

use nico_comments::Timeline;

use super::draw::draw;
use super::part::Part;
use super::rule::SplitRule;
use super::tally::SplitTally;

/// The division of a video's frames; the same for the same rule, seed and timeline, on every
/// machine.
///
/// A comment follows its frame. Every rule leaves at least one unit (frame, second, block, half) to
/// dev if there are two.
///
/// ```
/// use nico_comments::Timeline;
/// use nico_corpus::{Part, Split, SplitRule};
///
/// let timeline = Timeline::constant(30, 1, 30 * 100)?; // 100 s: ten blocks, one of them dev
/// let split = Split::new(SplitRule::Blocks, 7, &timeline);
/// let dev = (0..3000).filter(|&frame| split.assign(frame) == Part::Dev).count();
/// let guard = (0..3000).filter(|&frame| split.assign(frame) == Part::Guard).count();
/// assert!(dev >= 30 * 8 && guard >= 60 && guard <= 120);
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    parts: Vec<Part>,
}

/// Least length of a block, in seconds.
const BLOCK: f64 = 10.0;
/// Half of a guard, in seconds: this much on either side of a border.
const HALF_GUARD: f64 = 1.0;

impl Split {
    /// Divides the frames of `timeline`.
    #[must_use]
    pub fn new(rule: SplitRule, seed: u64, timeline: &Timeline) -> Self {
        let frames = 0..timeline.num_frames();
        let parts = match rule {
            SplitRule::Frames => draw(frames.len(), seed),
            SplitRule::Seconds => {
                let seconds: Vec<_> = frames.map(|frame| timeline.whole_second(frame)).collect();
                let drawn = draw(seconds.last().map_or(0, |last| last + 1), seed);
                seconds.into_iter().map(|second| drawn[second]).collect()
            }
            SplitRule::Blocks => blocks(timeline, seed),
            SplitRule::Halves => {
                let half = frames.len().div_ceil(2);
                frames
                    .map(|frame| if frame < half { Part::Train } else { Part::Dev })
                    .collect()
            }
        };
        Self { parts }
    }

    /// The part of a frame. Frames past the last go with the last.
    #[must_use]
    pub fn assign(&self, frame: usize) -> Part {
        self.parts
            .get(frame)
            .or(self.parts.last())
            .copied()
            .unwrap_or(Part::Train)
    }

    /// Counts comments, given as frame and text, and how many of their distinct texts are in train
    /// and dev at once; see [`SplitTally::count`].
    #[must_use]
    pub fn tally<T: Eq + Hash>(
        &self,
        comments: impl IntoIterator<Item = (usize, T)>,
    ) -> SplitTally {
        SplitTally::count(
            comments
                .into_iter()
                .map(|(frame, text)| (self.assign(frame), text)),
        )
    }
}

fn blocks(timeline: &Timeline, seed: u64) -> Vec<Part> {
    let duration = timeline.duration().max(0.0);
    // At most those of 11 days: a damaged timeline costs no memory.
    let num_blocks = whole(duration / BLOCK).clamp(2, 100_000);
    let length = duration / f64::from(num_blocks);
    let drawn = draw(num_blocks as usize, seed);
    let part = |frame| {
        let time = timeline.seconds_of(frame);
        let block = whole(time / length).min(num_blocks - 1);
        let own = drawn[block as usize];
        let since = time - f64::from(block) * length;
        let other = |block: Option<u32>| {
            block
                .and_then(|n| drawn.get(n as usize))
                .is_some_and(|&part| part != own)
        };
        // A block shorter than two guards keeps its middle.
        let guard = HALF_GUARD.min(length / 4.0);
        let before = since < guard && other(block.checked_sub(1));
        let after = length - since <= guard && other(Some(block + 1));
        if before || after { Part::Guard } else { own }
    };
    (0..timeline.num_frames()).map(part).collect()
}

/// The whole part of a number, 0 for negative ones and NaN.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(split: &Split, part: Part) -> usize {
        split.parts.iter().filter(|&&p| p == part).count()
    }

    #[test]
    fn nine_to_one() {
        let timeline = Timeline::constant(30_000, 1001, 42_469).unwrap();
        assert_eq!(
            count(&Split::new(SplitRule::Frames, 1, &timeline), Part::Dev),
            4247
        );
        let seconds = Split::new(SplitRule::Seconds, 1, &timeline); // 1418 seconds, 142 of them dev
        assert!((4200..4300).contains(&count(&seconds, Part::Dev)));
        assert_eq!(
            count(&Split::new(SplitRule::Halves, 1, &timeline), Part::Dev),
            21_234
        );
        let blocks = Split::new(SplitRule::Blocks, 1, &timeline);
        let (dev, guard) = (count(&blocks, Part::Dev), count(&blocks, Part::Guard));
        assert!(
            (3300..4250).contains(&dev) && (60 * 14..=60 * 28).contains(&guard),
            "{dev} {guard}"
        );
    }

    #[test]
    fn seeds_repeat_and_differ() {
        let timeline = Timeline::constant(30, 1, 3000).unwrap();
        let split = |seed| Split::new(SplitRule::Frames, seed, &timeline);
        assert_eq!(split(3), split(3));
        assert_ne!(split(3), split(4));
    }

    #[test]
    fn train_and_dev_blocks_never_touch() {
        for seed in 0..20 {
            let timeline = Timeline::constant(30, 1, 30 * 95).unwrap();
            let split = Split::new(SplitRule::Blocks, seed, &timeline);
            for pair in split.parts.windows(2) {
                assert!(pair[0] == pair[1] || pair.contains(&Part::Guard));
            }
            assert!(count(&split, Part::Dev) > 0);
        }
    }

    #[test]
    fn short_videos_have_both_parts() {
        for frames in [2, 3, 8, 30, 300] {
            let timeline = Timeline::constant(30, 1, frames).unwrap();
            let blocks = (frames >= 8).then_some(SplitRule::Blocks); // of less the guard takes all
            for rule in [SplitRule::Frames, SplitRule::Halves]
                .into_iter()
                .chain(blocks)
            {
                let split = Split::new(rule, 0, &timeline);
                assert!(count(&split, Part::Train) > 0, "{rule} of {frames} frames");
                assert!(count(&split, Part::Dev) > 0, "{rule} of {frames} frames");
            }
        }
        let single = Timeline::variable(&[0.0]).unwrap();
        assert_eq!(
            Split::new(SplitRule::Blocks, 0, &single).assign(5),
            Split::new(SplitRule::Blocks, 0, &single).assign(0)
        );
    }
}
